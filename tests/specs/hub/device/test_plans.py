"""What takes effect later waits until then; it is known as planned, may be moved or called off, and is never early."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contract_limits import PLANS_PER_DEVICE
from device_hub.device.commands import CarryOutPlans, Configure
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.planned import (
    ChangePlanned,
    PlanCarriedOut,
    PlanWithdrawn,
)
from device_hub.device.events.stated import (
    Configured,
    ContactMade,
    LifecycleStaged,
    Linked,
    Unlinked,
)
from device_hub.device.plans.planning import due_at
from device_hub.device.refusal import Reason
from device_hub.device.values import Switch
from tests.specs.hub.device.sentences import (
    announced,
    at,
    configuration,
    facts,
    given,
    link,
    reading,
    unlink,
)

INSTALLED = (configuration("IN_OPERATION", "1 08:00", model="E450"), link("UP-7", "1 08:30"))
REMOVED = configuration("REMOVED", "1 00:00", status="Removed")
REMOVAL = announced(REMOVED, "10 00:00", "2 10:00")


def sweep(text: str) -> CarryOutPlans:
    return CarryOutPlans(at=at(text))


def test_an_announced_removal_is_known_as_planned_and_removes_nothing_yet() -> None:
    then = given(*INSTALLED).when(REMOVAL).happens(ChangePlanned)
    then.shows(lifecycle=("IN_OPERATION", "1 08:00")).knows(status="")
    [plan] = then.after.plans
    assert (plan.effective_at, plan.said_at) == (at("10 00:00"), at("2 10:00"))
    assert plan.said == {"lifecycle": "REMOVED", "status": "Removed"}
    assert due_at(then.after) == at("10 00:00")


def test_it_takes_effect_when_its_time_has_come_as_of_that_time() -> None:
    then = given(*INSTALLED, REMOVAL).when(sweep("12 03:00"))
    then.happens(PlanCarriedOut, Configured, LifecycleStaged).knows(status="Removed")
    then.shows(lifecycle=("REMOVED", "10 00:00"))
    assert then.after.plans == ()
    assert due_at(then.after) is None


def test_before_its_time_it_is_not_carried_out() -> None:
    given(*INSTALLED, REMOVAL).when(sweep("9 23:59:59")).nothing_happens()


def test_whatever_is_told_after_its_time_finds_it_carried_out() -> None:
    then = given(*INSTALLED, REMOVAL).when(reading("11 10:00"))
    then.happens(PlanCarriedOut, Configured, LifecycleStaged, ContactMade)
    then.shows(lifecycle=("REMOVED", "10 00:00"))


def test_a_statement_of_after_the_effective_date_is_newer_than_the_plan() -> None:
    back = configuration("INVENTORY", "11 10:00", status="Stock")
    given(*INSTALLED, REMOVAL).when(back).shows(lifecycle=("INVENTORY", "11 10:00")).knows(
        status="Stock"
    )


def test_a_nightly_publication_leaves_a_plan_alone() -> None:
    again = configuration("IN_OPERATION", "3 02:00", model="E450")
    given(*INSTALLED, REMOVAL).when(again).nothing_happens()


def test_the_same_announcement_again_says_nothing_new() -> None:
    again = announced(REMOVED, "10 00:00", "3 10:00")
    given(*INSTALLED, REMOVAL).when(again).nothing_happens()


def test_a_plan_is_moved_by_a_newer_announcement_of_the_same() -> None:
    moved = announced(REMOVED, "20 00:00", "3 10:00")
    then = given(*INSTALLED, REMOVAL).when(moved).happens(ChangePlanned)
    assert [plan.effective_at for plan in then.after.plans] == [at("20 00:00")]
    given(*INSTALLED, moved).when(REMOVAL).nothing_happens()


def test_for_one_date_the_newer_announcement_counts_word_by_word() -> None:
    other = announced(configuration("INVENTORY", "1 00:00"), "10 00:00", "3 10:00")
    then = given(*INSTALLED, REMOVAL, other).when(sweep("10 00:00"))
    then.shows(lifecycle=("INVENTORY", "10 00:00")).knows(status="Removed")


def test_something_else_for_another_date_stands_beside_it() -> None:
    other = announced(configuration("ERROR", "1 00:00"), "5 00:00", "3 10:00")
    then = given(*INSTALLED, REMOVAL).when(other).happens(ChangePlanned)
    assert [plan.effective_at for plan in then.after.plans] == [at("5 00:00"), at("10 00:00")]


def test_what_comes_and_goes_may_be_planned_several_times() -> None:
    def switched(position: Switch, effective: str) -> Configure:
        return announced(configuration(None, "1 00:00", switch=position), effective, "2 10:00")

    season = (
        switched(Switch.CONNECTED, "5 00:00"),
        switched(Switch.DISCONNECTED, "10 00:00"),
        switched(Switch.CONNECTED, "15 00:00"),
    )
    then = given(*INSTALLED, *season).when(sweep("12 00:00"))
    then.shows(switch=("DISCONNECTED", "10 00:00"))
    assert len(then.after.plans) == 1


def test_a_plan_is_called_off() -> None:
    off = announced(REMOVED, "10 00:00", "3 10:00", withdrawn=True)
    then = given(*INSTALLED, REMOVAL).when(off).happens(PlanWithdrawn)
    assert then.after.plans == ()
    given(*INSTALLED).when(off).nothing_happens()


def test_what_was_called_off_before_it_was_announced_stands() -> None:
    off = announced(REMOVED, "10 00:00", "1 10:00", withdrawn=True)
    late = replace(off, facts=facts("10 00:00", "3 10:00", said="1 10:00", withdrawn=True))
    given(*INSTALLED, REMOVAL).when(late).nothing_happens()


def test_a_meter_that_moves_leaves_and_arrives_at_one_time() -> None:
    leaves = announced(unlink("UP-7", "1 00:00"), "10 00:00", "2 10:01")
    arrives = announced(link("UP-8", "1 00:00"), "10 00:00", "2 10:00")
    then = given(*INSTALLED, arrives, leaves).when(sweep("10 00:00"))
    then.happens(PlanCarriedOut, Unlinked, LifecycleStaged, PlanCarriedOut, Linked)
    then.knows(usage_point="UP-8")


def test_who_a_device_is_does_not_wait() -> None:
    ahead = configuration("INVENTORY", "1 00:00", serial_number="S1", model="E450")
    then = given().when(announced(ahead, "10 00:00", "2 10:00"))
    then.happens(DeviceFirstHeard, Configured, ChangePlanned)
    then.knows(serial_number="S1", model="")


def test_a_removal_date_that_lies_ahead_is_the_plan_of_a_removal() -> None:
    dated = configuration(
        None, "2 10:00", named={"life_dates/removalDate": "2026-03-10T00:00:00+01:00"}
    )
    then = given(*INSTALLED).when(dated).happens(Configured, ChangePlanned)
    assert [plan.effective_at for plan in then.after.plans] == [
        datetime(2026, 3, 9, 23, tzinfo=UTC)
    ]
    given(*INSTALLED, dated).when(dated).nothing_happens()
    given(*INSTALLED, dated).when(sweep("10 00:00")).shows(lifecycle="REMOVED")


@pytest.mark.parametrize("date", ["9999-12-31T00:00:00Z", "some day", "2026-03-02T09:00:00Z"])
def test_no_other_date_plans_a_removal(date: str) -> None:
    dated = configuration(None, "2 10:00", named={"life_dates/removalDate": date})
    assert given(*INSTALLED).when(dated).after.plans == ()


def test_a_stated_lifecycle_outweighs_a_removal_date() -> None:
    dated = configuration(
        "IN_OPERATION", "2 10:00", named={"life_dates/retiredDate": "2026-03-10T00:00:00Z"}
    )
    assert given(*INSTALLED).when(dated).after.plans == ()


def test_a_device_that_was_removed_before_is_not_removed_by_the_old_plan_again() -> None:
    plan = announced(configuration("REMOVED", "1 00:00"), "10 00:00", "2 10:00")
    removed = configuration("REMOVED", "5 00:00")
    back = configuration("IN_OPERATION", "6 00:00")
    given(*INSTALLED, plan, removed, back).when(sweep("11 00:00")).nothing_happens()


def test_a_clock_that_runs_ahead_plans_nothing() -> None:
    configured = configuration("REMOVED", "10 00:00", "2 10:00")
    given(*INSTALLED).when(configured).shows(lifecycle=("REMOVED", "2 10:00"))


def test_plans_are_bounded() -> None:
    many = [
        announced(configuration(None, "1 00:00", area=f"A{n}"), f"{n + 5} 00:00", "2 10:00")
        for n in range(PLANS_PER_DEVICE + 1)
    ]
    given(*INSTALLED, *many[:-1]).when(many[-1]).refused(Reason.ARGUMENT_INVALID)
    large = configuration(None, "1 00:00", area="x" * 66_000)
    given(*INSTALLED).when(announced(large, "5 00:00", "2 10:00")).refused(Reason.ARGUMENT_INVALID)


def test_a_plan_that_cannot_be_carried_out_any_more_says_why() -> None:
    full = {f"names/type-{n}": "x" for n in range(199)}
    plan = announced(
        configuration(None, "1 00:00", area="N", lot_number="L"), "10 00:00", "2 10:00"
    )
    then = given(plan, configuration(None, "3 00:00", named=full)).when(sweep("11 00:00"))
    [done] = then.happens(PlanCarriedOut).events
    assert "200" in done.entry().summary
    assert then.after.plans == ()


def test_a_timeline_tells_of_a_plan_and_its_end() -> None:
    then = given(*INSTALLED).when(REMOVAL)
    entry = then.events[0].entry()
    assert entry.kind == "change-planned"
    assert entry.summary == "Planned for 2026-03-10 00:00 UTC: lifecycle REMOVED, status Removed"
    done = given(*INSTALLED, REMOVAL).when(sweep("12 03:00")).events[0].entry()
    assert (done.kind, done.occurred_at) == ("plan-carried-out", at("10 00:00"))
