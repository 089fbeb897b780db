"""The front page of the device says what the code does.

Its tables are made from the code, and compared here. That they are complete is tried with generated lives: no device
ever does what its page does not say.
"""

from dataclasses import fields
from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import given as for_any
from hypothesis import settings

from device_hub.device.commands import Command
from device_hub.device.decisions import decide
from device_hub.device.events import Event
from device_hub.device.evolution import evolve
from device_hub.device.refusal import Refused
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.state import INITIAL, Device
from tests.contracts.device_page.changed import changed_by, facets
from tests.contracts.device_page.decided import events_of, events_of_plans
from tests.contracts.device_page.tables import PAGE, tables, written
from tests.specs.hub.device.test_laws import histories

EVENTS: tuple[type[Any], ...] = get_args(Event)
LEAVES = {kind: set[type[Any]]().union(*events_of(kind)) for kind in get_args(Command)}
OF_PLANS = set[type[Any]]().union(*events_of_plans())
WRITE = "`python -m tests.contracts.device_page.tables` writes the page"


def test_the_page_says_what_the_code_does() -> None:
    page, made = PAGE.read_text(encoding="utf-8"), tables()
    rows = "\n".join(made.values()).splitlines()
    missing = [row for row in rows if row not in page.splitlines()]
    assert not missing, f"{PAGE.name} lacks these rows, {WRITE}:\n" + "\n".join(missing)
    assert page == written(page, made), f"{PAGE.name} says more than the code does: {WRITE}"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_is_left_by_some_command(event: type[Any]) -> None:
    by = [command.__name__ for command, events in LEAVES.items() if event in events]
    assert by or event in OF_PLANS, f"no command leaves {event.__name__}: decide it somewhere"


@settings(deadline=None, max_examples=150)
@for_any(histories)
def test_no_device_does_what_its_page_does_not_say(history: list[Command]) -> None:
    device = INITIAL
    for command in history:
        try:
            events = decide(device, command, DEFAULT_RULES)
        except Refused:
            continue
        assert {*map(type, events)} <= LEAVES[type(command)] | OF_PLANS
        for event in events:
            after = evolve(device, event)
            names, seen = _changes()[type(event)]
            assert _changed(device, after) <= {*names, "own"}
            now = facets(after)
            assert {one for one, facet in facets(device).items() if facet != now[one]} <= {*seen}
            device = after


@cache
def _changes() -> dict[type[Any], tuple[list[str], list[str]]]:
    return {kind: changed_by(kind) for kind in EVENTS}


def _changed(device: Device, after: Device) -> set[str]:
    names = [field.name for field in fields(Device)]
    return {name for name in names if getattr(device, name) != getattr(after, name)}
