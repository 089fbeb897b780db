"""Reasons, remarks and authors: they go with a change, and are over with the next one."""

from typing import Any

from device_hub.device.commands import NoteControl
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.stated import (
    Configured,
    ControlNoted,
)
from device_hub.device.refusal import Reason
from device_hub.device.values import Control, Outcome
from tests.specs.hub.device.sentences import configuration, facts, given, told

BLOCKED = configuration(
    None,
    "08:00",
    status="Blocked",
    status_reason="theft",
    change_reason="order 7",
    change_author="field crew 7",
)


def test_a_reason_ends_with_the_status_that_it_explains() -> None:
    then = given(BLOCKED).when(configuration(None, "09:00", status="Active"))
    then.knows(status="Active", status_reason="", change_reason="", change_author="")
    assert "theft" not in then.events[0].entry().summary


def test_a_new_reason_of_the_same_status_is_news() -> None:
    again = configuration(None, "09:00", status="Blocked", status_reason="debt")
    given(BLOCKED).when(again).happens(Configured).knows(status_reason="debt")


def test_texts_about_a_change_are_no_change_by_themselves() -> None:
    nightly = configuration(None, "2 02:00", status="Blocked", change_author="nightly export")
    given(BLOCKED).when(nightly).nothing_happens()
    assert told([BLOCKED, nightly]).attributes["change_author"] == "field crew 7"


def test_an_older_change_does_not_end_what_is_said_of_a_newer_one() -> None:
    older = configuration(None, "07:00", "09:00", area="North 4")
    given(BLOCKED).when(older).knows(area="North 4", change_author="field crew 7")


def order(outcome: Outcome, occurred: str | None, received: str, **said: Any) -> NoteControl:
    control = Control(outcome=outcome, code="3.31.0.23", **said)
    return NoteControl(facts=facts(occurred, received), control=control)


def test_what_became_of_an_order_stands_in_the_timeline_and_moves_no_facet() -> None:
    failed = order(
        Outcome.FAILED, "08:00", "08:01", action="disconnect", reason="no answer", author="billing"
    )
    then = given().when(failed).happens(DeviceFirstHeard, ControlNoted)
    then.shows(switch="UNKNOWN", communication="UNKNOWN", lifecycle="NOT_DEFINED")
    entry = then.events[1].entry()
    assert (entry.kind, entry.code) == ("control-failed", "3.31.0.23")
    assert entry.summary == "Order failed: disconnect (no answer)"
    assert entry.details == {"action": "disconnect", "reason": "no answer", "author": "billing"}


def test_the_same_outcome_of_an_order_is_recorded_once() -> None:
    said = order(Outcome.EXECUTED, None, "08:00", control_mrid="order-1")
    again = order(Outcome.EXECUTED, None, "09:00", control_mrid="order-1")
    given(said).when(again).nothing_happens()
    given(said).when(order(Outcome.FAILED, None, "09:00", control_mrid="order-1")).happens(
        ControlNoted
    )


def test_outcomes_that_nothing_tells_apart_all_count() -> None:
    unnamed = order(Outcome.EXECUTED, None, "08:00")
    given(unnamed).when(unnamed).happens(ControlNoted)


def test_an_order_without_outcome_is_refused() -> None:
    given().when(order(Outcome.UNSPECIFIED, None, "08:00")).refused(Reason.REPORT_EMPTY)
