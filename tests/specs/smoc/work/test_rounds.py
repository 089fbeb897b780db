"""Work that goes on for ever: rounds, rests, and what wakes it."""

import asyncio

import pytest

from service_chassis.retries import Backoff, Retries
from smoc_service.work.rounds import round_after_round


class Enough(Exception):
    """Ends a test's rounds."""


def retries() -> Retries:
    return Retries("tests", Backoff())


async def test_rounds_follow_each_other_while_there_is_work() -> None:
    rounds = iter([True] * 1_000)

    async def one() -> bool:
        try:
            return next(rounds)
        except StopIteration:
            raise Enough from None

    with pytest.raises(Enough):
        await round_after_round(one, asyncio.Event(), retries())


async def test_a_rest_ends_when_there_is_work_also_when_it_came_during_the_round() -> None:
    woken, count = asyncio.Event(), 0

    async def one() -> bool:
        nonlocal count
        count += 1
        if count == 1_000:
            raise Enough
        # After the look for work: a rest that did not see it would last a second each time.
        woken.set()
        return False

    with pytest.raises(Enough):
        await round_after_round(one, woken, retries())


async def test_a_round_that_went_well_ends_the_trouble_before_it() -> None:
    trouble = Retries("tests", Backoff(first_seconds=0, ceiling_seconds=0))
    await trouble.pause("the database is away")
    seen: list[int] = []

    async def one() -> bool:
        seen.append(trouble.failures)
        if len(seen) == 2:
            raise Enough
        return True

    with pytest.raises(Enough):
        await round_after_round(one, asyncio.Event(), trouble)
    assert seen == [1, 0]
