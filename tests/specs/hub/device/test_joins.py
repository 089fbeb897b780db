"""Two devices that are one meter: what is kept is what both say, and a join can be undone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_limits import ATTRIBUTES_PER_DEVICE
from device_hub.device.commands import Command, JoinInto, LeaveAgain, NoteSilence, TakeIn, TakeOut
from device_hub.device.decisions import decide
from device_hub.device.events.named import (
    DeviceJoined,
    JoinedInto,
    JoinUndone,
)
from device_hub.device.evolution import fold
from device_hub.device.joins.joining import Moved
from device_hub.device.joins.parts import with_parts
from device_hub.device.lifecycle import lifecycle_of, silence_due_at, silent_since
from device_hub.device.power import power_of
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.state import INITIAL, Device
from device_hub.journal.state_codec import device_from_document, device_to_document
from tests.specs.hub.device.sentences import (
    at,
    configuration,
    event,
    link,
    power_lost,
    power_restored,
)

KEPT, JOINED = "north/S1", "north/8f1c"
SAID: dict[str, Any] = {"at": at("2 09:00"), "by": "anna", "reason": "the type plate says so"}


def after(device: Device, *commands: Command) -> Device:
    for command in commands:
        device = fold(device, decide(device, command, DEFAULT_RULES))
    return device


def take_in(part: Device) -> TakeIn:
    return TakeIn(joined=JOINED, part=part, **SAID)


BY_SERIAL = after(
    INITIAL,
    configuration("IN_OPERATION", "08:00", model="E450", serial_number="S1"),
    event("3.31.0.42", "08:30"),
)
BY_MRID = after(INITIAL, event("3.12.29.212", "09:55"), power_lost("10:00"))


def test_the_kept_device_is_what_both_say_the_newest_of_each_facet() -> None:
    kept = after(BY_SERIAL, take_in(BY_MRID))
    assert power_of(kept).value == "OFF"
    assert kept.tamper.value == "DETECTED"
    assert kept.switch.value == "CONNECTED"
    assert lifecycle_of(kept).value == "IN_OPERATION"
    assert kept.attributes["model"] == "E450"
    assert kept.last_contact_at == BY_MRID.last_contact_at
    assert kept.first_seen_at == BY_SERIAL.first_seen_at


def test_a_join_makes_no_value_older() -> None:
    newer = after(BY_SERIAL, power_restored("11:00"))
    assert power_of(after(newer, take_in(BY_MRID))).value == "ON"


def test_an_event_that_the_part_had_is_a_duplicate_for_the_kept_device() -> None:
    kept = after(BY_SERIAL, take_in(BY_MRID))
    [again] = decide(kept, power_lost("10:00"), DEFAULT_RULES)
    assert "duplicate" in again.entry().flags


def test_reports_of_the_kept_device_go_on_from_what_both_say() -> None:
    kept = after(BY_SERIAL, take_in(BY_MRID), power_restored("11:00"))
    assert power_of(kept).value == "ON"
    late = decide(kept, power_lost("10:30"), DEFAULT_RULES)
    assert "late" in late[0].entry().flags


def test_an_undone_join_leaves_what_the_device_is_by_itself_and_what_came_since() -> None:
    kept = after(BY_SERIAL, take_in(BY_MRID), link("UP-7", "12:00"))
    apart = after(kept, TakeOut(joined=JOINED, **SAID))
    assert apart == after(BY_SERIAL, link("UP-7", "12:00"))
    assert power_of(apart).value != "OFF"


def test_a_joined_device_leaves_its_reports_to_the_other() -> None:
    joined = after(BY_MRID, JoinInto(into=KEPT, **SAID))
    with pytest.raises(Moved) as moved:
        decide(joined, power_restored("11:00"), DEFAULT_RULES)
    assert moved.value.into == KEPT
    assert moved.value.reason is Reason.DEVICE_JOINED


def test_a_joined_device_is_not_silent() -> None:
    in_the_field = after(BY_SERIAL, JoinInto(into=KEPT, **SAID))
    assert silent_since(BY_SERIAL) is not None
    assert silence_due_at(in_the_field, DEFAULT_RULES) is None
    assert decide(in_the_field, NoteSilence(at=at("9 10:00")), DEFAULT_RULES) == []


def test_a_joined_device_is_gone_from_the_park_since_it_was_joined() -> None:
    """So nobody counts the meter twice, and no alarm is raised for what it was."""
    joined = after(BY_MRID, JoinInto(into=KEPT, **SAID))
    lifecycle = lifecycle_of(joined)
    assert (lifecycle.value, lifecycle.as_of, lifecycle.cause) == (
        "REMOVED",
        SAID["at"],
        "joined",
    )
    assert device_from_document(device_to_document(joined)) == joined


def test_a_joined_device_goes_on_as_it_was_when_the_join_is_undone() -> None:
    joined = after(BY_MRID, JoinInto(into=KEPT, **SAID))
    assert after(joined, LeaveAgain(**SAID)) == BY_MRID


def test_silence_of_the_kept_device_is_judged_on_all_that_is_known_and_told_once() -> None:
    kept = after(BY_SERIAL, take_in(BY_MRID))
    assert silent_since(kept) == BY_MRID.last_contact_at
    sweep = NoteSilence(at=at("9 10:00"))
    silent = after(kept, sweep)
    assert lifecycle_of(silent).value == "POOR_COMMUNICATION"
    assert decide(silent, sweep, DEFAULT_RULES) == []


def test_joining_twice_is_joining_once() -> None:
    kept, into = take_in(BY_MRID), JoinInto(into=KEPT, **SAID)
    assert [type(one) for one in decide(BY_SERIAL, kept, DEFAULT_RULES)] == [DeviceJoined]
    assert decide(after(BY_SERIAL, kept), kept, DEFAULT_RULES) == []
    assert [type(one) for one in decide(BY_MRID, into, DEFAULT_RULES)] == [JoinedInto]
    assert decide(after(BY_MRID, into), into, DEFAULT_RULES) == []


def test_undoing_twice_is_undoing_once() -> None:
    kept = after(BY_SERIAL, take_in(BY_MRID))
    undo = TakeOut(joined=JOINED, **SAID)
    assert [type(one) for one in decide(kept, undo, DEFAULT_RULES)] == [JoinUndone]
    assert decide(after(kept, undo), undo, DEFAULT_RULES) == []
    assert decide(BY_MRID, LeaveAgain(**SAID), DEFAULT_RULES) == []


@pytest.mark.parametrize(
    ("device", "command", "reason"),
    [
        (INITIAL, JoinInto(into=KEPT, **SAID), Reason.JOIN_REFUSED),
        (INITIAL, take_in(BY_MRID), Reason.JOIN_REFUSED),
        (after(BY_SERIAL, take_in(BY_MRID)), JoinInto(into="north/X", **SAID), Reason.JOIN_REFUSED),
        (after(BY_MRID, JoinInto(into=KEPT, **SAID)), take_in(BY_SERIAL), Reason.DEVICE_JOINED),
        (
            after(BY_MRID, JoinInto(into=KEPT, **SAID)),
            JoinInto(into="north/X", **SAID),
            Reason.DEVICE_JOINED,
        ),
    ],
)
def test_what_cannot_be_joined_is_refused(device: Device, command: Command, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        decide(device, command, DEFAULT_RULES)
    assert refused.value.reason is reason


def test_both_timelines_say_who_joined_them_and_why() -> None:
    [told] = decide(BY_SERIAL, take_in(BY_MRID), DEFAULT_RULES)
    entry = told.entry()
    assert (entry.kind, entry.summary) == ("device-joined", "north/8f1c is this device")
    assert entry.details == {
        "device_id": JOINED,
        "by": "anna",
        "reason": "the type plate says so",
    }
    [told] = decide(BY_MRID, JoinInto(into=KEPT, **SAID), DEFAULT_RULES)
    assert told.entry().summary == "Joined into north/S1"


TIMES = st.sampled_from(
    [at(f"{hour:02}:{minute:02}") for hour in (8, 10, 12) for minute in (0, 30)]
)


@st.composite
def reports(draw: st.DrawFn) -> Command:
    moment = draw(TIMES)
    code = draw(
        st.sampled_from(
            ["3.26.0.85", "3.26.0.216", "3.12.29.212", "3.31.0.68", "3.1.0.85", "3.21.0.79"]
        )
    )
    if draw(st.booleans()):
        return event(code, moment, at("13:00"))
    return configuration(None, None, "13:00", model=code)


@given(mine=st.lists(reports()), its=st.lists(reports(), min_size=1), since=st.lists(reports()))
def test_a_device_with_parts_is_what_it_is_by_itself_merged_with_them(
    mine: list[Command], its: list[Command], since: list[Command]
) -> None:
    """The law that makes a join undoable, and the stored state good for recalling it."""
    start = after(INITIAL, configuration(None, "07:00", model="E450"))
    part = after(INITIAL, *its)
    kept = after(after(start, *mine), TakeIn(joined=JOINED, part=part, **SAID), *since)
    assert kept.own is not None
    assert kept == with_parts(kept.own, kept.parts)
    assert kept.own == after(kept, TakeOut(joined=JOINED, **SAID))
    assert device_from_document(device_to_document(kept)) == kept


def test_what_would_be_larger_together_than_the_register_takes_is_not_joined() -> None:
    def named(kind: str) -> Device:
        names = {f"names/{kind}-{number}": "x" for number in range(120)}
        return after(INITIAL, configuration("IN_OPERATION", "08:00", named=names))

    assert len(named("one").attributes) <= ATTRIBUTES_PER_DEVICE
    with pytest.raises(Refused) as refused:
        decide(named("one"), take_in(named("other")), DEFAULT_RULES)
    assert refused.value.reason is Reason.JOIN_REFUSED
    assert "200 attributes" in refused.value.detail
    assert decide(named("one"), take_in(named("one")), DEFAULT_RULES)
