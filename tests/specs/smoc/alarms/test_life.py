"""What people do with an alarm: every command in every state, and the laws that hold whatever they do."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoc_service.alarms.core.alarm import HISTORY_AT_MOST, Alarm, Deed, State
from smoc_service.alarms.core.life import (
    Acknowledge,
    Action,
    Assign,
    CommandRefused,
    Comment,
    HistoryFull,
    RequestIdReused,
    Resolve,
    Snooze,
    SnoozeRefused,
    StateRefused,
    obey,
)
from smoc_service.register.device import Device, Facet
from tests.specs.smoc.alarming import ANNA, Alarms, after, command, deeds, meter

SNOOZE = Snooze(until=after(3600))
ASSIGN = Assign(assignee="victor")
EVERY: list[Action] = [Acknowledge(), ASSIGN, Comment(), SNOOZE, Resolve()]


def opened() -> Alarm:
    alarms = Alarms()
    alarms.look(meter(tamper="DETECTED"), 5)
    return alarms.only()


def in_state(state: State) -> Alarm:
    to: dict[State, list[Action]] = {
        State.OPEN: [],
        State.ACKNOWLEDGED: [Acknowledge()],
        State.ASSIGNED: [ASSIGN],
        State.RESOLVED: [Resolve()],
    }
    alarm = opened()
    for action in to[state]:
        alarm = obey(alarm, command(action, request="before"))
    return alarm


# fmt: off
TABLE = [
    #                    acknowledge     assign      comment         snooze          resolve
    (State.OPEN,         ("ACKNOWLEDGED", "ASSIGNED", "OPEN",         "OPEN",         "RESOLVED")),
    (State.ACKNOWLEDGED, (None,           "ASSIGNED", "ACKNOWLEDGED", "ACKNOWLEDGED", "RESOLVED")),
    (State.ASSIGNED,     (None,           "ASSIGNED", "ASSIGNED",     "ASSIGNED",     "RESOLVED")),
    (State.RESOLVED,     (None,           None,       "RESOLVED",     None,           None)),
]
# fmt: on


@pytest.mark.parametrize(
    ("state", "action", "to"),
    [(state, action, to) for state, row in TABLE for action, to in zip(EVERY, row, strict=True)],
)
def test_every_command_in_every_state(state: State, action: Action, to: str | None) -> None:
    before = in_state(state)
    if to is None:
        with pytest.raises(StateRefused):
            obey(before, command(action))
        return
    alarm = obey(before, command(action, comment="so it is"))
    assert (alarm.state, alarm.version) == (to, before.version + 1)
    entry = alarm.history[-1]
    assert (entry.who, entry.at, entry.comment) == (ANNA, after(10), "so it is")


def test_the_history_says_who_did_what() -> None:
    alarm = obey(opened(), command(ASSIGN))
    alarm = obey(alarm, command(SNOOZE, request="r2"))
    alarm = obey(alarm, command(Resolve(), request="r3"))
    assert deeds(alarm) == ["OPENED", "ASSIGNED", "SNOOZED", "RESOLVED"]
    assert [each.detail for each in alarm.history][1:3] == ["victor", after(3600).isoformat()]
    assert (alarm.assignee, alarm.snoozed_until, alarm.by_hand) == ("victor", None, True)


@pytest.mark.parametrize("until", [after(10), after(9), after(10) + timedelta(days=90, seconds=1)])
def test_a_snooze_ends_in_the_future_and_not_too_far(until: datetime) -> None:
    with pytest.raises(SnoozeRefused):
        obey(opened(), command(Snooze(until=until)))


def test_a_request_id_stands_for_one_command() -> None:
    alarm = obey(opened(), command(Comment(), comment="one"))
    with pytest.raises(RequestIdReused):
        obey(alarm, command(Comment(), comment="two"))


def test_a_full_history_takes_only_the_end() -> None:
    alarm = opened()
    for number in range(HISTORY_AT_MOST - 1):
        alarm = obey(alarm, command(Comment(), comment="and", request=f"r{number}"))
    with pytest.raises(HistoryFull):
        obey(alarm, command(Acknowledge(), request="last"))
    alarm = obey(alarm, command(Resolve(), request="last"))
    assert (len(alarm.history), alarm.history[-1].deed) == (HISTORY_AT_MOST + 1, Deed.RESOLVED)
    with pytest.raises(HistoryFull):
        obey(alarm, command(Comment(), comment="more", request="after"))


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(EVERY), st.integers(1, 6)),
        st.tuples(st.sampled_from(["OFF", "ON", "DETECTED", "CLEAR", "same"]), st.integers(1, 500)),
    ),
    max_size=25,
)


def _meter(facets: Mapping[str, str], since: Mapping[str, int]) -> Device:
    """Return a device whose facets have been as they are since different times."""
    made = meter()
    told = {name: Facet(value=facets[name], as_of=after(since[name])) for name in facets}
    return replace(made, facets={**made.facets, **told})


@given(steps=_STEPS)
def test_whatever_devices_and_people_do_at_most_one_is_unresolved_and_histories_only_grow(
    steps: list[tuple[Action | str, int]],
) -> None:
    alarms, now = Alarms(), 10
    facets = {"power": "ON", "tamper": "CLEAR"}
    since = {"power": 0, "tamper": 0}
    for step, number in steps:
        before = dict(alarms.stored)
        if isinstance(step, str):
            now += number
            facet = {"OFF": "power", "ON": "power"}.get(step, "tamper")
            if step not in ("same", facets[facet]):
                facets[facet], since[facet] = step, now
            device = _meter(facets, since)
            alarms.look(device, now)
            # Level, not edge: at the same moment there is nothing more to do.
            assert alarms.look(device, now) == []
        else:
            shown = [alarm for alarm in alarms.stored.values() if alarm.state != "WAITING"]
            for alarm in shown:
                wanted = command(step, now, request=f"r{number}")
                try:
                    obeyed = obey(alarm, wanted)
                except CommandRefused:
                    continue
                # The same command twice is once.
                assert obey(obeyed, wanted) is obeyed
                alarms.put(obeyed)
        rules = [alarm.rule for alarm in alarms.unresolved()]
        assert len(rules) == len(set(rules))
        for alarm_id, old in before.items():
            new = alarms.stored.get(alarm_id)
            if new is None:
                assert (old.state, old.history) == (State.WAITING, ())
                continue
            assert new.history[: len(old.history)] == old.history
            assert new.version >= old.version
            if old.state is State.RESOLVED:
                assert new.state is State.RESOLVED
