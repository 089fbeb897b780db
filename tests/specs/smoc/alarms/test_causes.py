"""When an alarm is raised, and when it is over."""

import pytest

from smoc_service.alarms.core.alarm import Alarm
from smoc_service.alarms.core.areas import Margins, broken_out, looked_at
from smoc_service.alarms.core.causes import RECHECK
from smoc_service.alarms.core.life import Acknowledge, Resolve, Snooze, obey
from smoc_service.alarms.core.pace import Pace
from smoc_service.alarms.core.rules import read_rules
from tests.specs.smoc.alarming import (
    RULES,
    Alarms,
    after,
    command,
    deeds,
    meter,
    meter_with,
    new_id,
    rules_with,
)

HOUR = RECHECK.total_seconds()


@pytest.mark.parametrize(
    ("rule", "facet", "value", "over"),
    [
        ("tamper-detected", "tamper", "DETECTED", "CLEAR"),
        ("error-state", "lifecycle", "ERROR", "IN_OPERATION"),
        ("firmware-failed", "firmware", "FAILED", "CURRENT"),
    ],
)
def test_what_is_wrong_at_once_is_open_at_once_and_resolved_when_it_is_over(
    rule: str, facet: str, value: str, over: str
) -> None:
    alarms = Alarms()
    alarms.look(meter_with(facet, value), 5)
    alarm = alarms.only()
    assert (alarm.rule, alarm.state, alarm.since) == (rule, "OPEN", after(0))
    assert alarm.summary == f"{facet} is {value} (3.26.0.85)"
    alarms.look(meter_with(facet, over, since=60), 61)
    alarm = alarms.only()
    assert (alarm.state, alarm.resolved_at, alarm.by_hand) == ("RESOLVED", after(61), False)
    assert deeds(alarm) == ["OPENED", "RESOLVED"]


@pytest.mark.parametrize(
    ("facet", "value", "seconds"),
    [("power", "OFF", 300), ("lifecycle", "POOR_COMMUNICATION", 86_400)],
)
def test_what_has_to_last_waits_until_then_and_nobody_is_shown_it(
    facet: str, value: str, seconds: int
) -> None:
    alarms = Alarms()
    lost = meter_with(facet, value)
    alarms.look(lost, 1)
    assert (alarms.only().state, alarms.only().look_at) == ("WAITING", after(seconds))
    alarms.look(lost, seconds - 1)
    assert alarms.only().state == "WAITING"
    alarms.look(lost, seconds)
    assert (alarms.only().state, alarms.only().opened_at) == ("OPEN", after(seconds))


def test_what_did_not_last_leaves_nothing() -> None:
    alarms = Alarms()
    alarms.look(meter(power="OFF"), 1)
    alarms.look(meter(power="ON", since=100), 101)
    assert alarms.stored == {}


def test_the_time_begins_anew_with_each_loss() -> None:
    alarms = Alarms()
    alarms.look(meter(power="OFF"), 1)
    alarms.look(meter(power="OFF", since=200), 300)
    assert (alarms.only().state, alarms.only().look_at) == ("WAITING", after(500))


def test_what_is_reported_late_is_open_at_once() -> None:
    alarms = Alarms()
    alarms.look(meter(power="OFF"), 4000)
    assert alarms.only().state == "OPEN"


def test_a_device_of_which_nothing_is_known_raises_nothing() -> None:
    alarms = Alarms()
    assert alarms.look(meter(), 5) == []


def test_looking_again_changes_nothing_until_the_time_of_the_next_look() -> None:
    alarms = Alarms()
    cut = meter(tamper="DETECTED")
    alarms.look(cut, 5)
    assert alarms.look(cut, 5) == []
    assert alarms.look(cut, HOUR) == []
    [change] = alarms.look(cut, HOUR + 5)
    assert change.alarm.look_at == after(HOUR + 5) + RECHECK


def test_what_comes_back_is_a_new_alarm() -> None:
    alarms = Alarms()
    alarms.look(meter(tamper="DETECTED"), 5)
    alarms.look(meter(tamper="CLEAR", since=10), 11)
    alarms.look(meter(tamper="DETECTED", since=20), 21)
    assert [alarm.state for alarm in alarms.stored.values()] == ["RESOLVED", "OPEN"]


def test_what_was_hidden_by_something_worse_comes_back_with_its_own_time() -> None:
    alarms = Alarms()
    alarms.look(meter(lifecycle="POOR_COMMUNICATION"), 90_000)
    alarms.look(meter(lifecycle="ERROR", since=91_000), 91_000)
    alarms.look(meter(lifecycle="POOR_COMMUNICATION"), 92_000)
    open_now = [alarm.rule for alarm in alarms.unresolved()]
    assert open_now == ["silent"]


def test_what_a_person_resolved_is_not_raised_again_by_the_same_cause() -> None:
    alarms = Alarms()
    cut = meter(tamper="DETECTED")
    alarms.look(cut, 5)
    alarms.put(obey(alarms.only(), command(Resolve())))
    assert alarms.look(cut, 20) == []
    alarms.look(meter(tamper="DETECTED", since=30), 31)
    assert len(alarms.unresolved()) == 1


def test_a_rule_may_leave_the_end_to_people() -> None:
    text = rules_with([("auto_resolve: true", "auto_resolve: false")])
    alarms = Alarms(read_rules(text))
    alarms.look(meter(tamper="DETECTED"), 5)
    alarms.look(meter(tamper="CLEAR", since=10), 11)
    assert (alarms.only().state, alarms.only().cause_over) == ("OPEN", True)
    alarms.look(meter(tamper="DETECTED", since=20), 21)
    assert (alarms.only().state, alarms.only().cause_over) == ("OPEN", False)
    assert deeds(alarms.only()) == ["OPENED", "CAUSE_OVER", "CAUSE_BACK"]


def test_an_alarm_whose_rule_is_off_is_resolved() -> None:
    alarms = Alarms()
    alarms.look(meter(tamper="DETECTED"), 5)
    alarms.rules = read_rules(rules_with([("enabled: true", "enabled: false")]))
    alarms.look(meter(tamper="DETECTED"), 6)
    assert alarms.only().history[-1].detail == "the rule is off"


def test_a_snooze_ends_by_itself() -> None:
    alarms = Alarms()
    cut = meter(tamper="DETECTED")
    alarms.look(cut, 5)
    alarms.put(obey(alarms.only(), command(Snooze(until=after(600)))))
    assert alarms.only().look_at == after(600)
    alarms.look(cut, 599)
    assert alarms.only().snoozed_until == after(600)
    alarms.look(cut, 600)
    assert alarms.only().snoozed_until is None
    assert deeds(alarms.only()) == ["OPENED", "SNOOZED", "WOKEN"]


def outage() -> Alarm:
    assert RULES.area is not None
    return broken_out(
        RULES.area,
        network="north",
        area="A1",
        since=after(0),
        lost=30,
        now=after(50),
        new_id=new_id,
    )


def test_one_alarm_of_the_area_stands_for_those_of_its_devices() -> None:
    alarms, area = Alarms(), outage()
    dark = meter(power="OFF", area="A1")
    alarms.look(dark, 1)
    alarms.look(dark, 400, area_alarm=area)
    assert (alarms.only().state, alarms.only().part_of) == ("WAITING", area.alarm_id)
    # The area is over, the device is not.
    alarms.look(dark, 900)
    assert (alarms.only().state, alarms.only().part_of) == ("OPEN", "")


def test_one_that_is_open_already_joins_but_not_one_that_somebody_works_on() -> None:
    dark = meter(power="OFF", area="A1")
    alarms = Alarms()
    alarms.look(dark, 301)
    alarms.look(dark, 302, area_alarm=outage())
    assert deeds(alarms.only()) == ["OPENED", "JOINED"]
    worked_on = Alarms()
    worked_on.look(dark, 301)
    worked_on.put(obey(worked_on.only(), command(Acknowledge())))
    worked_on.look(dark, 302, area_alarm=outage())
    assert worked_on.only().state == "ACKNOWLEDGED"


def test_a_loss_from_before_the_outage_and_another_trouble_stand_for_themselves() -> None:
    alarms = Alarms()
    alarms.look(meter(power="OFF", area="A1", since=-60), 301, area_alarm=outage())
    assert alarms.only().state == "OPEN"
    cut = Alarms()
    cut.look(meter(tamper="DETECTED", area="A1"), 301, area_alarm=outage())
    assert cut.only().state == "OPEN"


def test_an_area_breaks_out_above_its_share_and_is_over_at_half_of_it() -> None:
    rule = RULES.area
    assert rule is not None
    assert rule.breaks_out_at(100) == 21
    assert rule.breaks_out_at(10) == 10
    assert rule.goes_on(11, 100)
    assert not rule.goes_on(10, 100)
    still = looked_at(outage(), rule, lost=11, devices=100, now=after(400))
    assert (still.state, still.look_at) == ("OPEN", after(700))
    over = looked_at(still, rule, lost=10, devices=100, now=after(700))
    assert (over.state, over.history[-1].detail) == ("RESOLVED", "the cause is over")


def test_an_area_without_a_rule_is_over() -> None:
    assert looked_at(outage(), None, lost=99, devices=100, now=after(400)).state == "RESOLVED"


def test_a_storm_is_more_than_so_many_changes_in_the_time_however_they_come() -> None:
    assert RULES.storm is not None
    pace = Pace(RULES.storm)
    assert [pace.note("north/1", revision, after(revision)) for revision in range(1, 101)] == [
        None
    ] * 100
    assert pace.note("north/1", 101, after(101)) == after(1)
    assert pace.note("north/2", 500, after(102)) is None
    assert pace.note("north/2", 600, after(103)) == after(102)
    assert pace.note("north/1", 150, after(602)) is None


def test_the_pace_of_a_million_devices_takes_bounded_memory_and_still_sees_the_storm() -> None:
    assert RULES.storm is not None
    pace = Pace(RULES.storm, devices_at_most=10)
    seen = None
    for revision in range(1, 102):
        for other in range(9):
            pace.note(f"north/{revision}-{other}", 1, after(revision))
        seen = pace.note("north/storm", revision, after(revision))
        assert len(pace) <= 10
    assert seen == after(1)


def test_a_storm_is_over_when_the_device_kept_still_for_as_long() -> None:
    alarms = Alarms()
    alarms.look(meter(revision=101), 100, storms_since=after(1))
    assert (alarms.only().rule, alarms.only().since) == ("alert-storm", after(1))
    assert alarms.look(meter(revision=150), 200) == []
    alarms.look(meter(revision=300), 700)
    assert alarms.only().state == "OPEN"
    alarms.look(meter(revision=301), 1300)
    assert alarms.only().state == "RESOLVED"


def test_an_area_is_counted_again_when_as_many_were_seen_as_it_lacked() -> None:
    margins = Margins(areas_at_most=2)
    here, there, elsewhere = ("north", "A1"), ("north", "A2"), ("south", "A1")
    assert margins.are_used_up(here, 1)
    margins.note(here, 3)
    assert not margins.are_used_up(here, 2)
    assert margins.are_used_up(here, 1)
    assert margins.are_used_up(here, 1)
    margins.note(here, 9)
    margins.note(there, 9)
    margins.note(elsewhere, 9)
    assert margins.are_used_up(here, 1)
    assert not margins.are_used_up(there, 1)
