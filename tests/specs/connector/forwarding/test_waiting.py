"""The line of devices and the room: fair, in order, bounded."""

import random
from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from iec_connector.forwarding.waiting import BatchBounds, Line, Room

BOUNDS = BatchBounds(most_reports=10, most_bytes=1000)


@dataclass(frozen=True)
class Said:
    device_id: str
    number: int = 0
    size_bytes: int = 10


def line(*said: Said) -> Line[Said]:
    made: Line[Said] = Line(BOUNDS)
    for one in said:
        made.add(one)
    return made


def devices(batch: list[Said]) -> Counter[str]:
    return Counter(one.device_id for one in batch)


def test_a_device_with_much_to_say_takes_its_share_of_a_batch_and_others_ride_along() -> None:
    waiting = line(*(Said("HOT", n) for n in range(100)), *(Said(f"M{n}") for n in range(5)))
    assert waiting.ready == BOUNDS.share_reports + 5
    batch = waiting.take()
    assert devices(batch) == {"HOT": BOUNDS.share_reports, **{f"M{n}": 1 for n in range(5)}}
    assert waiting.take() == []
    waiting.release("HOT", [])
    assert [one.number for one in waiting.take()] == [2, 3]


def test_a_device_that_goes_on_stands_at_the_end_of_the_line() -> None:
    waiting = line(*(Said("HOT", n) for n in range(100)))
    waiting.take()
    for number in range(BOUNDS.most_reports):
        waiting.add(Said(f"M{number}"))
    waiting.release("HOT", [])
    assert "HOT" not in devices(waiting.take())
    assert "HOT" in devices(waiting.take())


def test_what_was_postponed_goes_before_what_waits_behind_it() -> None:
    waiting = line(*(Said("A", n) for n in range(4)))
    first = waiting.take()
    waiting.release("A", first)
    assert [one.number for one in waiting.take()] == [0, 1]


def test_a_batch_is_bounded_in_bytes_a_device_in_half_of_them_and_a_larger_report_travels_alone() -> (
    None
):
    waiting = line(
        Said("A", 0, 400),
        Said("A", 1, 400),
        Said("B", 0, 400),
        Said("C", 0, 400),
        Said("D", 0, 5000),
    )
    assert [one.device_id for one in waiting.take()] == ["A", "B"]
    waiting.release("A", [])
    waiting.release("B", [])
    assert [one.device_id for one in waiting.take()] == ["C"]
    assert [one.device_id for one in waiting.take()] == ["D"]
    assert [one.number for one in waiting.take()] == [1]


said = st.builds(
    Said,
    st.sampled_from("ABCDEF"),
    st.just(0),
    st.sampled_from([1, 10, 300, 600, 5000]),
)


@given(st.lists(said, max_size=60), st.integers(0, 2**32))
def test_nothing_is_lost_and_devices_keep_their_order_whatever_is_postponed(
    told: list[Said], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    numbered = [Said(one.device_id, n, one.size_bytes) for n, one in enumerate(told)]
    to_come, waiting, done = list(numbered), line(), list[Said]()
    under_way: list[list[Said]] = []
    while to_come or waiting.ready or under_way:
        if to_come and chance.random() < 0.5:
            waiting.add(to_come.pop(0))
        before = waiting.ready
        batch = waiting.take()
        if batch:
            assert len(batch) <= BOUNDS.most_reports
            assert len(batch) == 1 or sum(one.size_bytes for one in batch) <= BOUNDS.most_bytes
            assert max(devices(batch).values()) <= BOUNDS.share_reports
            busy = {one.device_id for each in under_way for one in each}
            assert not busy & devices(batch).keys(), "in two batches at once"
            under_way.append(batch)
        else:
            assert before == 0, "ready, and not taken"
        if under_way and chance.random() < 0.5:
            ended = under_way.pop(chance.randrange(len(under_way)))
            for device in devices(ended):
                of_device = [one for one in ended if one.device_id == device]
                kept = chance.randint(0, len(of_device))
                done += of_device[:kept]
                waiting.release(device, of_device[kept:])
        elif not to_come and not batch and under_way:
            ended = under_way.pop()
            done += ended
            for device in devices(ended):
                waiting.release(device, [])
    assert sorted(one.number for one in done) == list(range(len(told)))
    for device in "ABCDEF":
        numbers = [one.number for one in done if one.device_id == device]
        assert numbers == sorted(numbers)


def test_one_device_cannot_fill_the_room() -> None:
    room = Room.of(BOUNDS)
    for number in range(3 * room.most):
        room.enter(Said("HOT", number))
    assert room.is_open
    assert room.held == 3 * room.most


def test_many_devices_fill_the_room_and_memory_is_bounded_in_number_and_bytes() -> None:
    many, held, fat = (Room.of(BOUNDS) for _ in range(3))
    for number in range(many.most):
        assert many.is_open
        many.enter(Said(f"M{number}"))
    assert not many.is_open
    for number in range(held.most_held):
        assert held.is_open
        held.enter(Said("HOT", number))
    assert not held.is_open
    fat.enter(Said("FAT", 0, fat.most_bytes))
    assert not fat.is_open


@given(st.lists(said, max_size=80), st.integers(0, 2**32))
def test_a_room_that_all_have_left_is_as_it_was(told: list[Said], seed: int) -> None:
    room = Room.of(BOUNDS)
    for one in told:
        room.enter(one)
    leaving = list(told)
    random.Random(seed).shuffle(leaving)  # noqa: S311
    for one in leaving:
        room.leave(one)
    assert room == Room.of(BOUNDS)
