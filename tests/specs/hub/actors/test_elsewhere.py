"""Devices of other processes: one call for those that live together, and nothing lost by a wrong guess."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult

from device_hub.actors.elsewhere import Elsewhere
from device_hub.actors.homes import Homes
from device_hub.actors.turns_client import DeviceUnreachable
from tests.specs.hub.actors.several_hubs import (
    NOON,
    Dapr,
    Fault,
    Hub,
    Shared,
    device,
    hubs_of,
    reported,
)

RECORDED, POSTPONED = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_POSTPONED


def two_hubs(*devices: int, **how: Any) -> tuple[Dapr, Hub]:
    """Return what is between two hubs, and the one that is asked; these devices are placed with the other one."""
    dapr = hubs_of(2, Shared(), **how)
    dapr.places = {device(number): 1 for number in devices}
    return dapr, dapr.hubs[0]


async def said(hub: Hub, number: int, *devices: int) -> list[Sequence[Verdict] | BaseException]:
    """Each of these devices says something; all at once, as in a batch."""
    return await asyncio.gather(
        *(hub.devices.record(device(each), [reported(number, each)]) for each in devices),
        return_exceptions=True,
    )


def all_recorded(answers: Sequence[Sequence[Verdict] | BaseException]) -> bool:
    return all(
        not isinstance(each, BaseException) and [one.outcome for one in each] == [RECORDED]
        for each in answers
    )


def unreachable(answers: Sequence[Sequence[Verdict] | BaseException]) -> list[bool]:
    return [isinstance(each, DeviceUnreachable) for each in answers]


async def test_each_device_is_asked_by_itself_once_and_then_all_together() -> None:
    dapr, hub = two_hubs(1, 2, 3)
    assert all_recorded(await said(hub, 1, 1, 2, 3))
    assert dapr.calls == [[device(1)], [device(2)], [device(3)]]
    dapr.calls.clear()
    assert all_recorded(await said(hub, 2, 1, 2, 3))
    assert dapr.calls == [[device(1), device(2), device(3)]]


async def test_there_is_a_call_for_each_home() -> None:
    dapr = hubs_of(3, Shared())
    dapr.places = {device(number): number % 3 for number in range(9)}
    hub = dapr.hubs[0]
    await said(hub, 1, *range(9))
    dapr.calls.clear()
    assert all_recorded(await said(hub, 2, *range(9)))
    assert [[int(each[-1]) % 3 for each in call] for call in dapr.calls] == [[1] * 3, [2] * 3]


async def test_turns_of_sweeps_travel_with_reports() -> None:
    dapr, hub = two_hubs(1, 2, 3)
    await said(hub, 1, 1, 2, 3)
    dapr.calls.clear()
    report, silence, plans = await asyncio.gather(
        hub.devices.record(device(1), [reported(2, 1)]),
        hub.devices.check_silence(device(2), NOON + timedelta(days=3)),
        hub.devices.carry_out_plans(device(3), NOON + timedelta(days=3)),
    )
    assert dapr.calls == [[device(1), device(2), device(3)]]
    assert report[0].outcome == RECORDED
    assert [silence.report_id[:7], plans.report_id[:5]] == ["silence", "plans"]
    # It is not in service, so it may be silent; and nothing is planned.
    assert silence.outcome == plans.outcome == Verdict.OUTCOME_UNCHANGED


async def test_a_device_that_left_its_home_is_asked_by_itself_and_its_new_home_is_learned() -> None:
    dapr = hubs_of(3, Shared())
    dapr.places = {device(number): 1 for number in (1, 2, 3, 4)}
    hub = dapr.hubs[0]
    await said(hub, 1, 1, 2, 3, 4)
    for moved in (3, 4):
        await dapr.put_to_sleep(device(moved))
        dapr.places[device(moved)] = 2
    dapr.calls.clear()
    assert all_recorded(await said(hub, 2, 1, 2, 3, 4))
    assert dapr.calls == [[device(n) for n in (1, 2, 3, 4)], [device(3)], [device(4)]]
    dapr.calls.clear()
    assert all_recorded(await said(hub, 3, 1, 2, 3, 4))
    assert dapr.calls == [[device(1), device(2)], [device(3), device(4)]]


async def test_a_device_that_moved_here_is_a_resident_from_then_on() -> None:
    dapr, hub = two_hubs(1, 2)
    await said(hub, 1, 1, 2)
    await dapr.put_to_sleep(device(2))
    dapr.places[device(2)] = 0
    await said(hub, 2, 1, 2)
    dapr.calls.clear()
    assert all_recorded(await said(hub, 3, 1, 2))
    assert dapr.calls == [[device(1)]]
    assert len(hub.homes) == 1


async def test_when_the_first_device_is_not_reached_the_others_are_asked_by_themselves() -> None:
    dapr, hub = two_hubs(1, 2, 3)
    await said(hub, 1, 1, 2, 3)
    dapr.calls.clear()
    dapr.faults = [Fault.CRASH]
    answers = await said(hub, 2, 1, 2, 3)
    assert unreachable(answers) == [True, False, False]
    assert all_recorded(answers[1:])
    assert dapr.calls[1:] == [[device(2)], [device(3)]]
    assert all_recorded(await said(hub, 2, 1))


async def test_when_there_is_no_time_left_all_are_postponed_and_nobody_is_believed_there() -> None:
    dapr, hub = two_hubs(1, 2, 3)
    await said(hub, 1, 1, 2, 3)
    dapr.calls.clear()
    dapr.faults = [Fault.LATE]
    assert unreachable(await said(hub, 2, 1, 2, 3)) == [True] * 3
    assert len(dapr.calls) == 1
    assert len(hub.homes) == 0
    assert all_recorded(await said(hub, 2, 1, 2, 3))


async def test_a_hub_that_knows_no_others_is_asked_for_each_device() -> None:
    dapr, hub = two_hubs(1, 2)
    await said(hub, 1, 1, 2)
    dapr.faults = [Fault.OLD_HUB] * 3
    dapr.calls.clear()
    assert all_recorded(await said(hub, 2, 1, 2))
    assert all_recorded(await said(hub, 3, 1, 2))
    # The first answered for itself; neither said where it lives.
    assert dapr.calls == [[device(1), device(2)], [device(2)], [device(1)], [device(2)]]


async def test_a_call_carries_so_many_devices_at_most() -> None:
    dapr, hub = two_hubs(*range(7), most=3)
    await said(hub, 1, *range(7))
    dapr.calls.clear()
    assert all_recorded(await said(hub, 2, *range(7)))
    assert [len(call) for call in dapr.calls] == [3, 3, 1]


async def test_a_call_carries_so_many_bytes_at_most_and_what_is_larger_travels_alone() -> None:
    small = DeviceTurns(device_id=device(1), reports=[reported(2, 1)]).ByteSize()
    dapr, hub = two_hubs(1, 2, 3, 4, most_bytes=2 * small)
    await said(hub, 1, 1, 2, 3, 4)
    dapr.calls.clear()
    large = [reported(number, 3) for number in range(2, 6)]
    answers = await asyncio.gather(
        hub.devices.record(device(1), [reported(2, 1)]),
        hub.devices.record(device(2), [reported(2, 2)]),
        hub.devices.record(device(3), large),
        hub.devices.record(device(4), [reported(2, 4)]),
    )
    assert dapr.calls == [[device(1), device(2)], [device(3)], [device(4)]]
    assert {verdict.outcome for answer in answers for verdict in answer} == {RECORDED}


async def test_a_caller_that_goes_away_takes_nobody_along() -> None:
    dapr, hub = two_hubs(1, 2)
    await said(hub, 1, 1, 2)
    dapr.calls.clear()
    first, second = (
        asyncio.ensure_future(hub.devices.record(device(n), [reported(2, n)])) for n in (1, 2)
    )
    await asyncio.sleep(0)
    first.cancel()
    assert [verdict.outcome for verdict in await second] == [RECORDED]
    assert len(dapr.calls) == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_defect_in_a_call_leaves_nobody_waiting() -> None:
    class Defect:
        async def ask(self, turns: DeviceTurns) -> DeviceTurnsResult:
            raise RuntimeError(turns.device_id)

    homes = Homes("here", most=10)
    homes.learn(device(1), "there")
    with pytest.raises(DeviceUnreachable, match="broken off"):
        await Elsewhere(Defect(), homes).ask(DeviceTurns(device_id=device(1)))


DEVICES = range(4)
FAULTS = st.lists(st.sampled_from(Fault), max_size=25)
# What each of three hubs believes of each device: another hub, or one that is gone.
GUESSES = st.lists(
    st.lists(st.integers(0, 3), min_size=len(DEVICES), max_size=len(DEVICES)),
    min_size=3,
    max_size=3,
)
# Which hub is asked in each round, and for which devices; several at once.
ROUNDS = st.lists(
    st.lists(
        st.tuples(st.integers(0, 2), st.sets(st.sampled_from(DEVICES), min_size=1)),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=6,
)


@given(faults=FAULTS, guesses=GUESSES, rounds=ROUNDS)
async def test_whatever_is_guessed_and_whatever_fails_each_report_is_recorded_once(
    faults: list[Fault],
    guesses: list[list[int]],
    rounds: list[list[tuple[int, set[int]]]],
) -> None:
    history = Shared()
    dapr = hubs_of(3, history, faults=faults)
    names = [*(hub.residents.name for hub in dapr.hubs), "gone"]
    for hub, believed in zip(dapr.hubs, guesses, strict=True):
        for number, guess in zip(DEVICES, believed, strict=True):
            hub.homes.learn(device(number), names[guess])
    sent: Counter[int] = Counter()

    async def batch(asked: int, devices: dict[int, int]) -> None:
        """Send two reports of each device until each has its verdict, as the connector does."""
        reports = {
            device(one): [reported(number, one) for number in (first, first + 1)]
            for one, first in devices.items()
        }
        while reports:
            answers = await asyncio.gather(
                *(dapr.hubs[asked].devices.record(one, told) for one, told in reports.items()),
                return_exceptions=True,
            )
            reports = {
                one: left
                for (one, told), answer in zip(reports.items(), answers, strict=True)
                if (left := open_ones(told, answer))
            }

    for asked_at_once in rounds:
        batches = []
        for asked, devices in asked_at_once:
            batches.append(batch(asked, {one: sent[one] for one in devices}))
            sent.update(dict.fromkeys(devices, 2))
        await asyncio.gather(*batches)

    for one in DEVICES:
        commits = [commit for commit in history.commits if commit.device_id == device(one)]
        assert [commit.revision for commit in commits] == list(range(1, len(commits) + 1))
        assert sorted(commit.report_id for commit in commits) == sorted(
            f"{one}-{number}" for number in range(sent[one])
        )


def open_ones(told: list[Any], answer: list[Verdict] | BaseException) -> list[Any]:
    """Return the reports that have no final verdict."""
    if isinstance(answer, DeviceUnreachable):
        return told
    if isinstance(answer, BaseException):
        raise answer
    assert [verdict.report_id for verdict in answer] == [report.report_id for report in told]
    return [
        report for report, verdict in zip(told, answer, strict=True) if verdict.outcome == POSTPONED
    ]
