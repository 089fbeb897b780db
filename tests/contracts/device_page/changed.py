"""What an event changes of a device, seen by running `evolve`.

The golden documents of each event are tried on devices of every kind.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from device_hub.device.attributes import ATTRIBUTES, STATED_LIFECYCLE
from device_hub.device.events.planned import (
    PlanCarriedOut,
    PlanWithdrawn,
)
from device_hub.device.evolution import evolve
from device_hub.device.joins.parts import with_parts
from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.plan import Plan, PlanKind
from device_hub.device.power import power_of
from device_hub.device.state import INITIAL, Device
from device_hub.device.values import Facet, Lifecycle
from device_hub.journal.event_codec import event_from_document
from device_hub.journal.state_codec import part_from_document

_GOLDEN: Final = Path(__file__).parents[1] / "stored"
_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


def changed_by(kind: type[Any]) -> tuple[list[str], list[str]]:
    """Return the fields of `Device`, and the facets that others see, that an event may change."""
    names: set[str] = set()
    seen: set[str] = set()
    for event in examples(kind):
        for device in _devices():
            after = evolve(device, event)
            names |= {
                field.name
                for field in fields(Device)
                if getattr(device, field.name) != getattr(after, field.name)
            }
            before, now = facets(device), facets(after)
            seen |= {facet for facet in now if before[facet] != now[facet]}
    # What a device with parts is by itself changes with it.
    names.discard("own")
    return [one.name for one in fields(Device) if one.name in names], sorted(seen)


def facets(device: Device) -> dict[str, Facet[Any]]:
    """Return what others see of a device, as `device_hub.wire.devices` sends it."""
    return {
        "lifecycle": lifecycle_of(device),
        "power": power_of(device),
        "switch": device.switch,
        "communication": device.communication,
        "tamper": device.tamper,
        "firmware": device.firmware,
    }


def examples(kind: type[Any]) -> Iterator[Any]:
    """Return events of this kind: as golden documents have them, with every value of a field that has few.

    What is a map of attributes says each attribute by itself, too, and a text may be left out.
    """
    hints = get_type_hints(kind)
    documents = sorted(_GOLDEN.glob(f"{kind.STORED}*.json"), key=lambda path: len(path.name))
    assert documents, f"no golden document: {kind.STORED}"
    for path in documents:
        event: Any = event_from_document(_read(path))
        yield event
        for field in fields(kind):
            hint = hints[field.name]
            for choice in (hint, *get_args(hint)):
                if isinstance(choice, type) and issubclass(choice, Enum):
                    yield from (replace(event, **{field.name: value}) for value in choice)
            if hint is str:
                yield replace(event, **{field.name: ""})
            if hint == Mapping[str, str]:
                yield from (replace(event, **{field.name: {word: "9"}}) for word in ATTRIBUTES)


@cache
def _devices() -> list[Device]:
    """Return devices of every kind: unknown, known long ago in each state, with plans, joined, and with parts."""
    known = part_from_document(_read(_GOLDEN / "device-state.2.json"))
    plain = Device(network="north", identifier="S1", first_seen_at=_LONG_AGO)
    devices = [INITIAL, plain, known]
    for field, hint in get_type_hints(Device).items():
        for values in get_args(hint):
            if isinstance(values, type) and issubclass(values, Enum):
                known_facets: list[Any] = [Facet(value, _LONG_AGO, "3.26.0.85") for value in values]
                devices += [replace(plain, **{field: facet}) for facet in known_facets]
    in_operation = Facet(Lifecycle.IN_OPERATION, _LONG_AGO, "MeterConfig")
    devices += [replace(device, stage=in_operation) for device in devices]
    removal = Plan(
        kind=PlanKind.CONFIGURATION,
        effective_at=_LONG_AGO,
        said_at=_LONG_AGO,
        said={STATED_LIFECYCLE: Lifecycle.REMOVED.value},
    )
    devices += [replace(plain, plans=(removal,)), replace(plain, plans=known.plans)]
    announced = (event_from_document(_read(path)) for path in _GOLDEN.glob("plan-*.json"))
    devices += [
        replace(plain, plans=(event.plan,))
        for event in announced
        if isinstance(event, PlanWithdrawn | PlanCarriedOut)
    ]
    words = dict.fromkeys(ATTRIBUTES, "A")
    times = dict.fromkeys(ATTRIBUTES, _LONG_AGO)
    shipped = frozenset(ATTRIBUTES)
    devices.append(replace(plain, attributes=words, attributes_as_of=times, shipped=shipped))
    joined = part_from_document(_read(_GOLDEN / "device-state.2+joined.json"))
    return [*devices, joined, with_parts(plain, {"north/S1": known})]


def _read(path: Path) -> Any:
    def dates(found: dict[str, Any]) -> Any:
        return datetime.fromisoformat(found["$date"]) if "$date" in found else found

    return json.loads(path.read_text(encoding="utf-8"), object_hook=dates)
