"""Waiting and trying again: how long, how often it is told, and when the count begins anew."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from service_chassis.retries import Backoff, Retries, spread

BACKOFF = Backoff(first_seconds=1.0, ceiling_seconds=8.0)


class Time:
    """Passes only while somebody sleeps; ``slept`` are the pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def retries(self, backoff: Backoff = BACKOFF) -> Retries:
        return Retries("follow the journal", backoff, sleep=self.sleep, clock=lambda: self.now)


def failing(times: int) -> Callable[[], Awaitable[str]]:
    """Return work that fails so often, then is done."""
    outcomes: Iterator[bool] = islice(iter([True] * times + [False]), times + 1)

    async def work() -> str:
        if next(outcomes):
            raise ConnectionError("the database is away")
        return "done"

    return work


@given(attempt=st.integers(0, 10_000))
def test_a_pause_grows_to_the_ceiling_and_is_at_most_a_quarter_shorter(attempt: int) -> None:
    longest = min(30.0, 0.5 * 2.0 ** min(attempt, 20))
    pause = Backoff(first_seconds=0.5, ceiling_seconds=30.0).seconds(attempt)
    assert 0.75 * longest <= pause <= longest


def test_two_processes_do_not_wait_alike() -> None:
    assert len({BACKOFF.seconds(3) for _ in range(20)}) > 1
    assert len({spread(60.0) for _ in range(20)}) > 1
    assert all(45.0 <= spread(60.0) <= 75.0 for _ in range(100))


async def test_work_is_tried_until_it_is_done_and_each_pause_may_be_longer() -> None:
    time = Time()
    assert await time.retries().until_done(failing(5), ConnectionError) == "done"
    assert len(time.slept) == 5
    for pause, longest in zip(time.slept, (1.0, 2.0, 4.0, 8.0, 8.0), strict=True):
        assert 0.75 * longest <= pause <= longest


async def test_what_is_not_expected_is_raised_at_once() -> None:
    time = Time()
    with pytest.raises(ConnectionError):
        await time.retries().until_done(failing(1), TimeoutError)
    assert time.slept == []


async def test_trouble_after_the_work_got_on_is_waited_for_as_briefly_as_the_first() -> None:
    time = Time()
    retries = time.retries()
    await retries.until_done(failing(4), ConnectionError)
    assert retries.failures == 0
    await retries.pause("away again")
    assert time.slept[-1] <= 1.0


async def test_trouble_is_logged_when_it_begins_once_a_minute_and_when_it_is_over() -> None:
    time = Time()
    with capture_logs() as lines:
        await time.retries(Backoff(first_seconds=20.0, ceiling_seconds=20.0)).until_done(
            failing(10), ConnectionError
        )
    begun, *still, over = lines
    assert (begun["event"], begun["log_level"]) == ("failed, trying again", "warning")
    assert (begun["work"], begun["why"]) == ("follow the journal", "the database is away")
    assert 1 <= len(still) <= 3
    assert all(line["since_seconds"] >= 60 for line in still)
    assert (over["event"], over["failures"]) == ("works again", 10)


async def test_what_only_a_person_can_mend_is_asked_as_seldom_as_the_ceiling_says() -> None:
    time = Time()
    await time.retries().pause("wrong password", slowly=True)
    assert time.slept[0] >= 6.0


async def test_tasks_that_fail_at_once_are_one_trouble() -> None:
    time = Time()
    retries = time.retries()
    each = [retries.of_one() for _ in range(4)]
    with capture_logs() as lines:
        await asyncio.gather(*(one.pause("away") for one in each))
        for one in each:
            one.got_on()
    begun, over = lines
    assert begun["event"] == "failed, trying again"
    assert (over["event"], over["failures"]) == ("works again", 4)


async def test_each_of_several_tasks_that_fail_for_ever_waits_up_to_the_ceiling() -> None:
    time = Time()
    retries = time.retries()

    async def send() -> None:
        assert await retries.of_one().until_done(failing(6), ConnectionError) == "done"

    await asyncio.gather(*(send() for _ in range(4)))
    expected = [longest for longest in (1.0, 2.0, 4.0, 8.0, 8.0, 8.0) for _ in range(4)]
    for pause, longest in zip(sorted(time.slept), expected, strict=True):
        assert 0.75 * longest <= pause <= longest


async def test_while_others_get_on_the_failures_of_one_task_are_still_one_trouble() -> None:
    time = Time()
    retries = time.retries(Backoff(first_seconds=1.0, ceiling_seconds=2.0))
    failing_one, other = retries.of_one(), retries.of_one()
    with capture_logs() as lines:
        for _ in range(10):
            await failing_one.pause("one replica is away")
            await other.until_done(failing(1), ConnectionError)
        failing_one.got_on()
    assert [line["event"] for line in lines] == ["failed, trying again", "works again"]
    assert failing_one.failures == 0


async def test_a_task_that_ended_in_trouble_does_not_keep_the_trouble_alive() -> None:
    time = Time()
    retries = time.retries()
    with capture_logs() as lines:
        await retries.of_one().pause("away")
        await retries.of_one().pause("away again")
    assert [line["failures"] for line in lines] == [1, 1]


async def test_what_is_done_now_and_then_is_tried_again_sooner_when_it_failed() -> None:
    time = Time()
    outcomes = iter([None, ConnectionError("away"), None, LookupError("enough seen")])

    async def sweep() -> None:
        if (error := next(outcomes)) is not None:
            raise error

    with pytest.raises(LookupError):
        await time.retries().for_ever(sweep, ConnectionError, every_seconds=600.0)
    long, soon, long_again = time.slept
    assert soon <= 1.0
    assert min(long, long_again) >= 450.0


async def test_work_that_ends_by_itself_begins_again_after_a_pause() -> None:
    time = Time()
    begun = 0

    async def follow() -> None:
        nonlocal begun
        begun += 1
        if begun == 3:
            raise LookupError("enough seen")

    with pytest.raises(LookupError):
        await time.retries().for_ever(follow, ConnectionError)
    assert len(time.slept) == 2
    assert all(0.75 <= pause <= 1.0 for pause in time.slept)


async def test_work_that_swallowed_its_end_is_not_waited_for_to_begin_again() -> None:
    time, working = Time(), asyncio.Event()

    async def swallow() -> None:
        working.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    following = asyncio.create_task(time.retries().for_ever(swallow, ConnectionError))
    await working.wait()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert following.cancelled()
    assert time.slept == []
