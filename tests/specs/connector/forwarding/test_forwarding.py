"""Batches, order per device, and what happens when the hub says no, not now, or nothing."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from hypothesis import given
from hypothesis import strategies as st

from iec_connector.forwarding.forwarding import Batching, Forwarder, Outcome, Parcel, Verdict
from service_chassis.retries import Backoff
from tests.examples import examples
from tests.specs.connector.fakes import (
    POSTPONED,
    RECORDED,
    SMALL,
    TOO_LARGE,
    UNAVAILABLE,
    FakeHub,
    all_recorded,
    forwarder_to,
    parcel,
    refused,
)


@asynccontextmanager
async def running(forwarder: Forwarder) -> AsyncIterator[Forwarder]:
    task = asyncio.create_task(forwarder.run())
    try:
        async with asyncio.timeout(20):
            yield forwarder
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_reports_of_several_messages_travel_in_one_batch() -> None:
    hub = FakeHub()
    async with running(forwarder_to(hub)) as forwarder:
        first = forwarder.submit([parcel("A"), parcel("B")])
        second = forwarder.submit([parcel("C")])
        assert await first == [RECORDED, RECORDED]
        assert await second == [RECORDED]
    assert [len(batch) for batch in hub.batches] == [3]


async def test_a_message_with_more_reports_than_a_batch_takes_is_split() -> None:
    hub = FakeHub()
    async with running(forwarder_to(hub)) as forwarder:
        verdicts = await forwarder.submit([parcel(f"M{n}") for n in range(10)])
    assert len(verdicts) == 10
    assert sorted(len(batch) for batch in hub.batches) == [2, 4, 4]


async def test_a_batch_is_bounded_in_bytes_and_a_larger_report_travels_alone() -> None:
    hub = FakeHub()
    async with running(forwarder_to(hub)) as forwarder:
        await forwarder.submit(
            [parcel("A", size=600), parcel("B", size=600), parcel("C", size=5000)]
        )
    assert [len(batch) for batch in hub.batches] == [1, 1, 1]


async def test_a_message_without_reports_is_done_at_once() -> None:
    assert await forwarder_to(FakeHub()).submit([]) == []


async def test_a_hub_that_is_away_is_asked_again_until_it_is_back() -> None:
    answers = [UNAVAILABLE] * 5

    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict] | Exception:
        return answers.pop() if answers else all_recorded(parcels)

    hub = FakeHub(script)
    async with running(forwarder_to(hub)) as forwarder:
        assert await forwarder.submit([parcel("A")]) == [RECORDED]
    assert len(hub.batches) == 6


async def test_each_sender_waits_longer_with_each_failure_however_many_fail_beside_it() -> None:
    asked_for: list[int] = []
    tried: Counter[str] = Counter()

    class Noting(Backoff):
        def seconds(self, attempt: int) -> float:
            asked_for.append(attempt)
            return 0.0

    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict] | Exception:
        tried[parcels[0].device_id] += 1
        return UNAVAILABLE if tried[parcels[0].device_id] <= 5 else all_recorded(parcels)

    batching = Batching(most_reports=1, linger_seconds=0.0, in_flight=4)
    async with running(Forwarder(FakeHub(script).record, batching, Noting())) as forwarder:
        await forwarder.submit([parcel(f"M{number}") for number in range(4)])
    assert sorted(asked_for) == [attempt for attempt in range(5) for _ in range(4)]


async def test_only_the_postponed_reports_are_sent_again() -> None:
    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        first = len(hub.batches) == 1
        return [POSTPONED if first and p.device_id == "north/B" else RECORDED for p in parcels]

    hub = FakeHub(script)
    async with running(forwarder_to(hub)) as forwarder:
        assert await forwarder.submit([parcel("A"), parcel("B")]) == [RECORDED, RECORDED]
    assert [[p.device_id for p in batch] for batch in hub.batches] == [
        ["north/A", "north/B"],
        ["north/B"],
    ]


async def test_a_device_that_is_always_postponed_holds_up_nobody_else() -> None:
    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        return [POSTPONED if p.device_id == "north/STUCK" else RECORDED for p in parcels]

    hub = FakeHub(script)
    async with running(forwarder_to(hub)) as forwarder:
        stuck = forwarder.submit([parcel("STUCK")])
        for number in range(50):
            assert await forwarder.submit([parcel(f"M{number}")]) == [RECORDED]
        assert not stuck.done()
        assert forwarder.unresolved == 1


async def test_a_report_that_the_hub_refuses_stands_alone() -> None:
    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        return [refused() if p.device_id == "north/B" else RECORDED for p in parcels]

    async with running(forwarder_to(FakeHub(script))) as forwarder:
        done = forwarder.submit([parcel("A"), parcel("B"), parcel("C")])
        assert await done == [RECORDED, refused(), RECORDED]


async def test_when_the_hub_refuses_the_batch_the_one_at_fault_is_found_and_the_rest_recorded() -> (
    None
):
    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict] | Exception:
        at_fault = any(p.device_id == "north/C" for p in parcels)
        return TOO_LARGE if at_fault else all_recorded(parcels)

    async with running(forwarder_to(FakeHub(script))) as forwarder:
        verdicts = await forwarder.submit([parcel(name) for name in "ABCD"])
    assert [verdict.outcome for verdict in verdicts] == [
        Outcome.RECORDED,
        Outcome.RECORDED,
        Outcome.REFUSED,
        Outcome.RECORDED,
    ]
    assert verdicts[2].reason == "BATCH_TOO_LARGE"


async def test_while_too_many_reports_wait_there_is_no_room() -> None:
    hub = FakeHub(gate=asyncio.Event())
    async with running(forwarder_to(hub)) as forwarder:
        done = forwarder.submit([parcel(f"M{n}") for n in range(20 * SMALL.most_reports)])
        room = asyncio.create_task(forwarder.room())
        await asyncio.sleep(0)
        assert not room.done()
        assert hub.gate is not None
        hub.gate.set()
        await room
        await done


async def test_a_message_with_thousands_of_reports_of_one_meter_leaves_room_and_place_for_others() -> (
    None
):
    hub = FakeHub()
    batching = Batching(most_reports=10, linger_seconds=0.0, in_flight=2)
    async with running(forwarder_to(hub, batching)) as forwarder:
        burst = forwarder.submit([parcel("HOT", n) for n in range(900)])
        await forwarder.room()
        await forwarder.submit([parcel(f"M{n}") for n in range(8)])
        assert not burst.done()
        await burst
    assert all(sum(one.device_id == "north/HOT" for one in batch) <= 2 for batch in hub.batches)
    assert [p.content for p in hub.recorded if p.device_id == "north/HOT"] == list(range(900))


async def test_a_few_devices_that_are_always_postponed_put_no_sender_to_sleep() -> None:
    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        return [POSTPONED if "STUCK" in p.device_id else RECORDED for p in parcels]

    hub = FakeHub(script)
    hours = Backoff(first_seconds=7200.0, ceiling_seconds=7200.0)
    forwarder = Forwarder(hub.record, SMALL, hours)
    async with running(forwarder):
        stuck = [forwarder.submit([parcel(f"STUCK{n}")]) for n in range(2 * SMALL.in_flight)]
        while len(hub.batches) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        for number in range(50):
            assert await forwarder.submit([parcel(f"M{number}")]) == [RECORDED]
        assert not any(each.done() for each in stuck)


async def test_a_lingering_batch_goes_as_soon_as_it_is_full() -> None:
    hub = FakeHub()
    patient = Batching(most_reports=2, linger_seconds=3600.0, in_flight=1)
    async with running(forwarder_to(hub, patient)) as forwarder:
        first = forwarder.submit([parcel("A")])
        await asyncio.sleep(0)
        second = forwarder.submit([parcel("B")])
        assert await first == [RECORDED]
        assert await second == [RECORDED]
    assert [len(batch) for batch in hub.batches] == [2]


MESSAGES = st.lists(
    st.lists(st.sampled_from("ABCD"), min_size=0, max_size=7), min_size=1, max_size=12
)


@given(messages=MESSAGES, seed=st.integers(0, 2**32))
@examples(150)
async def test_whatever_the_hub_does_each_report_ends_once_and_devices_keep_their_order(
    messages: list[list[str]], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    refused_ones: list[int] = []

    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict] | Exception:
        what = chance.random()
        if what < 0.2:
            return UNAVAILABLE
        if what < 0.3:
            if len(parcels) == 1:
                refused_ones.append(parcels[0].content)
            return TOO_LARGE
        verdicts = []
        held_up: set[str] = set()  # as the hub does: nothing of a device after a postponed one
        for one in parcels:
            if one.device_id in held_up or chance.random() < 0.3:
                held_up.add(one.device_id)
                verdicts.append(POSTPONED)
            else:
                verdicts.append(RECORDED)
        return verdicts

    hub = FakeHub(script)
    numbers = iter(range(1000))
    sent = [[parcel(device, next(numbers)) for device in message] for message in messages]
    async with running(forwarder_to(hub)) as forwarder:
        answers = await asyncio.gather(*(forwarder.submit(parcels) for parcels in sent))
        assert forwarder.unresolved == 0
    assert [len(answer) for answer in answers] == [len(message) for message in messages]
    everything = [one for parcels in sent for one in parcels]
    recorded = [one.content for one in hub.recorded]
    assert Counter([*recorded, *refused_ones]) == Counter(one.content for one in everything)
    for device in "ABCD":
        of_device = [p.content for p in hub.recorded if p.device_id == f"north/{device}"]
        assert of_device == sorted(of_device)
    assert all(len(batch) <= SMALL.most_reports for batch in hub.batches)
    assert hub.most_in_flight <= SMALL.in_flight


async def test_a_forwarder_that_is_ended_in_the_moment_in_which_a_batch_is_full_ends() -> None:
    hub = FakeHub()
    forwarder = Forwarder(hub.record, Batching(most_reports=2, linger_seconds=30), Backoff())
    task = asyncio.create_task(forwarder.run())
    forwarder.submit([parcel("A")])
    for _ in range(5):
        await asyncio.sleep(0)  # It waits for more.
    forwarder.submit([parcel("B")])
    task.cancel()
    ended, _ = await asyncio.wait([task], timeout=10)
    assert ended
    assert task.cancelled()
