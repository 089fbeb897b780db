"""Devices that live in the hub's own process: called past Dapr, one turn at a time, with a memory that may go."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.device_hub.v1.report_pb2 import DeviceEvent, Meaning, Report

from device_hub.actors.devices import Devices
from device_hub.actors.elsewhere import Elsewhere
from device_hub.actors.homes import Homes
from device_hub.actors.residents import Resident, Residents, Surroundings
from device_hub.device.rules import Rules
from device_hub.status.service import told_residents
from device_hub.turns.history import AlreadyCommitted, Commit, HistoryMoved, Stored
from service_chassis.scope import EVERYTHING, Scope
from service_chassis.times import to_timestamp
from tests.specs.hub.in_memory_history import InMemoryHistory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEVICE = "north/SN-1"
ACTOR = object()
RECORDED, POSTPONED = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_POSTPONED
# Of the events of one device in turn, so that each changes something.
MEANINGS = (Meaning.MEANING_POWER_LOST, Meaning.MEANING_POWER_RESTORED)


def reported(number: int, by: str = "r") -> Report:
    at = to_timestamp(NOON + timedelta(seconds=number))
    return Report(
        report_id=f"{by}-{number}",
        network="north",
        device_identifier="SN-1",
        received_time=at,
        occurred_time=at,
        event=DeviceEvent(code="3.26.0.85", meaning=MEANINGS[number % 2]),
    )


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def home(history: Any = None, **how: Any) -> Residents:
    turn_seconds = how.pop("turn_seconds", 5.0)
    surroundings = Surroundings(
        journal=history or InMemoryHistory(), rules=Rules(), turn_seconds=turn_seconds
    )
    return Residents(surroundings, **{"clock": Clock(), **how})


def called_by_dapr(residents: Residents, device_id: str = DEVICE) -> Resident:
    resident = residents.enter(device_id, ACTOR)
    residents.reached(resident)
    return resident


@dataclass
class ByDapr:
    """The way through the sidecar, which ends at the device's actor in this process."""

    residents: Residents
    calls: list[str] = field(default_factory=list)

    async def ask(self, turns: DeviceTurns) -> DeviceTurnsResult:
        self.calls.append(turns.device_id)
        resident = called_by_dapr(self.residents, turns.device_id)
        return DeviceTurnsResult(verdicts=await resident.take(turns), home=self.residents.name)


def devices(residents: Residents) -> tuple[Devices, ByDapr]:
    by_dapr = ByDapr(residents)
    elsewhere = Elsewhere(by_dapr, Homes(residents.name, most=10))
    return Devices(residents, elsewhere, asyncio.Semaphore(10)), by_dapr


def outcomes(verdicts: Sequence[Verdict]) -> set[Verdict.Outcome.ValueType]:
    return {verdict.outcome for verdict in verdicts}


async def test_dapr_wakes_a_device_and_later_reports_reach_it_without_dapr() -> None:
    park, by_dapr = devices(home())
    for number in range(5):
        assert outcomes(await park.record(DEVICE, [reported(number)])) == {RECORDED}
    assert by_dapr.calls == [DEVICE]


async def test_sweeps_reach_a_device_that_lives_here_without_dapr_too() -> None:
    park, by_dapr = devices(home())
    await park.record(DEVICE, [reported(1)])
    await park.check_silence(DEVICE, NOON + timedelta(days=3))
    await park.carry_out_plans(DEVICE, NOON + timedelta(days=4))
    assert by_dapr.calls == [DEVICE]


async def test_a_device_that_left_is_called_by_way_of_dapr() -> None:
    residents = home()
    park, by_dapr = devices(residents)
    await park.record(DEVICE, [reported(1)])
    residents.leave(residents.enter(DEVICE, ACTOR), ACTOR)
    await park.record(DEVICE, [reported(2)])
    assert by_dapr.calls == [DEVICE, DEVICE]


async def test_an_actor_that_leaves_late_does_not_take_the_device_from_the_next_one() -> None:
    residents = home()
    park, by_dapr = devices(residents)
    await park.record(DEVICE, [reported(1)])
    woken_again = residents.enter(DEVICE, "the next actor")
    residents.leave(woken_again, ACTOR)
    await park.record(DEVICE, [reported(2)])
    assert by_dapr.calls == [DEVICE]
    residents.leave(woken_again, "the next actor")
    assert residents.at_home(DEVICE) is None


def test_a_person_is_told_who_is_awake_of_the_networks_that_he_sees() -> None:
    residents = home(remembered=7)
    for device_id in ("north/1", "north/2", "south/1", "north/2"):
        residents.enter(device_id, ACTOR)
    told = told_residents(residents, EVERYTHING)
    assert (told.process, told.resident_count, told.remembered_most) == (residents.name, 3, 7)
    assert [(one.network, one.resident_count) for one in told.networks] == [
        ("north", 2),
        ("south", 1),
    ]
    south = told_residents(residents, Scope.of(["south"]))
    assert (south.resident_count, [one.network for one in south.networks]) == (1, ["south"])
    for device_id in ("north/1", "north/2"):
        residents.leave(residents.enter(device_id, ACTOR), ACTOR)
    assert [one.network for one in told_residents(residents, EVERYTHING).networks] == ["south"]


async def test_a_device_that_dapr_did_not_call_for_long_is_called_that_way_once_more() -> None:
    clock = Clock()
    park, by_dapr = devices(home(clock=clock, reached_within=300))
    for number in range(4):
        await park.record(DEVICE, [reported(number)])
        clock.now += 200
    assert len(by_dapr.calls) == 2


async def test_an_actor_that_was_activated_and_never_called_is_not_at_home_yet() -> None:
    residents = home()
    residents.enter(DEVICE, ACTOR)
    assert residents.at_home(DEVICE) is None


async def test_reports_by_both_ways_at_once_take_their_turns_one_after_the_other() -> None:
    history = InMemoryHistory()
    residents = home(history)
    park, by_dapr = devices(residents)
    called_by_dapr(residents)

    async def sent(number: int) -> DeviceTurnsResult:
        reports = [reported(number, "dapr")]
        return await by_dapr.ask(DeviceTurns(device_id=DEVICE, reports=reports))

    here, by_way_of_dapr = await asyncio.gather(
        asyncio.gather(*(park.record(DEVICE, [reported(n, "here")]) for n in range(0, 40, 2))),
        asyncio.gather(*(sent(n) for n in range(1, 40, 2))),
    )
    assert {verdict.outcome for [verdict] in here} == {RECORDED}
    assert {outcome for each in by_way_of_dapr for outcome in outcomes(each.verdicts)} == {RECORDED}
    # Nobody lost a race: each chain that was sent was stored, and nothing was recalled but the beginning.
    assert len(history.chains) == len(history.commits) == 40
    assert history.recalled == 1


async def test_only_so_many_devices_keep_their_memory_and_the_oldest_loses_its_own() -> None:
    residents = home(remembered=2)
    first, second, third = (called_by_dapr(residents, f"north/SN-{n}") for n in range(3))
    for resident in (first, second, first, third):
        await resident.record([reported(1)])
    assert [each.memory is None for each in (first, second, third)] == [False, True, False]
    assert outcomes(await second.record([reported(1), reported(2)])) == {RECORDED}
    assert second.memory is not None
    assert second.memory.revision == 2


async def test_a_turn_that_others_hold_for_too_long_is_postponed_and_nothing_is_lost() -> None:
    class Standing(InMemoryHistory):
        async def commit(self, chain: Sequence[Commit]) -> Stored:
            await asyncio.Event().wait()
            return await super().commit(chain)

    residents = home(Standing(), turn_seconds=0.05)
    device = called_by_dapr(residents)
    first, second = await asyncio.gather(device.record([reported(1)]), device.record([reported(2)]))
    assert outcomes([*first, *second]) == {POSTPONED}
    assert "TimeIsUp" in second[0].detail


@pytest.mark.slow
async def test_two_hubs_that_both_believe_they_own_a_device_lose_and_double_nothing() -> None:
    turns = 1_000
    history = Indexed()
    hubs = [called_by_dapr(home(history)) for _ in range(2)]

    async def report(hub: Resident, by: str) -> None:
        open_ones = [reported(number, by) for number in range(turns)]
        while open_ones:
            batch, rest = open_ones[:4], open_ones[4:]
            verdicts = await hub.record(batch)
            left = [each for each, v in zip(batch, verdicts, strict=True) if v.outcome == POSTPONED]
            open_ones = left + rest

    await asyncio.gather(*(report(hub, by) for hub, by in zip(hubs, "ab", strict=True)))
    assert history.lost_races > 0
    assert len(history.reports) == 2 * turns
    assert [commit.revision for commit in history.commits] == list(range(1, 2 * turns + 1))


class Indexed(InMemoryHistory):
    """The same promises for one device, answered at once; others run between two commits."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: dict[str, int] = {}
        self.lost_races = 0

    async def newest(self, device_id: str, after_revision: int) -> Any:
        await asyncio.sleep(0)
        return await InMemoryHistory(self.commits[-1:]).newest(device_id, after_revision)

    async def find(self, device_id: str, report_ids: Any) -> dict[str, int]:
        del device_id
        await asyncio.sleep(0)
        return {each: self.reports[each] for each in report_ids if each in self.reports}

    async def commit(self, chain: Sequence[Commit]) -> Stored:
        await asyncio.sleep(0)
        for place, commit in enumerate(chain):
            if commit.revision <= len(self.commits) or commit.report_id in self.reports:
                self.lost_races += 1
                return Stored(place, self._why(commit))
            self.commits.append(commit)
            self.reports[commit.report_id] = commit.revision
            await asyncio.sleep(0)
        return Stored(len(chain))

    def _why(self, commit: Commit) -> Exception:
        known = self.reports.get(commit.report_id)
        if known is not None:
            return AlreadyCommitted(known)
        return HistoryMoved(f"revision {commit.revision} is taken")
