"""Answers that cost much are found once for all who ask the same."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from smoc_service.alarms.answers import KeptAnswers
from smoc_service.errors import TooManyQuestions

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Asking:
    """A clock, and questions that are answered when the test lets them be."""

    def __init__(self) -> None:
        self.at = NOON
        self.found: Counter[str] = Counter()
        self.left = 0
        self.may_end = asyncio.Event()
        self.begun = asyncio.Event()
        self.trouble = False
        self.answers = KeptAnswers[str, int](
            lambda: self.at, kept=timedelta(seconds=30), kept_at_most=3, sought_at_most=2
        )

    def ask(self, key: str) -> asyncio.Task[int]:
        return asyncio.create_task(self.answers.of(key, lambda: self._find(key)))

    async def _find(self, key: str) -> int:
        self.found[key] += 1
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        if self.trouble:
            raise ConnectionError(key)
        return self.found[key]


async def test_who_asks_the_same_at_once_shares_one_query() -> None:
    asking = Asking()
    asked = [asking.ask("north") for _ in range(10)]
    other = asking.ask("south")
    asking.may_end.set()
    assert await asyncio.gather(*asked) == [1] * 10
    assert await other == 1
    assert asking.found == {"north": 1, "south": 1}


async def test_an_answer_is_kept_for_a_while_and_found_anew_after_it() -> None:
    asking = Asking()
    asking.may_end.set()
    assert await asking.ask("north") == 1
    asking.at += timedelta(seconds=29)
    assert await asking.ask("north") == 1
    asking.at += timedelta(seconds=1)
    assert await asking.ask("north") == 2


async def test_a_failure_is_told_to_all_who_wait_and_is_not_kept() -> None:
    asking = Asking()
    asking.trouble = True
    asked = [asking.ask("north") for _ in range(2)]
    asking.may_end.set()
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in told] == [ConnectionError, ConnectionError]
    asking.trouble = False
    assert await asking.ask("north") == 2


async def test_a_query_goes_on_for_who_stays_and_ends_with_the_last() -> None:
    asking = Asking()
    first, second = asking.ask("north"), asking.ask("north")
    await asking.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert asking.left == 0
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    asking.may_end.set()
    assert await asking.ask("north") == 2
    assert asking.left == 1


async def test_the_oldest_answers_go_when_there_are_too_many() -> None:
    asking = Asking()
    asking.may_end.set()
    for key in ("a", "b", "c", "d"):
        await asking.ask(key)
    for key in ("b", "c", "d"):
        assert await asking.ask(key) == 1
    assert await asking.ask("a") == 2


async def test_more_queries_at_once_than_are_allowed_are_refused() -> None:
    asking = Asking()
    asked = [asking.ask(key) for key in ("a", "b")]
    await asking.begun.wait()
    with pytest.raises(TooManyQuestions):
        await asking.ask("c")
    asking.may_end.set()
    assert await asyncio.gather(*asked) == [1, 1]
    assert await asking.ask("c") == 1
