"""Answers that cost much and may be some seconds old: found once for all who ask the same, and kept for a while."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from smoc_service.errors import TooManyQuestions

KeyT = TypeVar("KeyT", bound=Hashable)
AnswerT = TypeVar("AnswerT")


@dataclass(slots=True)
class _Asked(Generic[AnswerT]):
    finding: asyncio.Task[AnswerT]
    waiting: int = 0
    # None: it is still being found.
    until: datetime | None = None


class KeptAnswers(Generic[KeyT, AnswerT]):
    """An answer is kept for ``kept`` after it was found; a failure is told to all who wait for it, and not kept.

    The key must say everything that the answer depends on: what the caller may see, too.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        kept: timedelta,
        kept_at_most: int,
        sought_at_most: int,
    ) -> None:
        self._now = now
        self._kept = kept
        self._kept_at_most = kept_at_most
        self._sought_at_most = sought_at_most
        # The oldest first.
        self._asked: dict[KeyT, _Asked[AnswerT]] = {}

    async def of(self, key: KeyT, find: Callable[[], Coroutine[Any, Any, AnswerT]]) -> AnswerT:
        """Return the answer for ``key``; raise what ``find`` raises, or ``TooManyQuestions``.

        It is sought until the last of those who wait for it has gone.
        """
        asked = self._asked.get(key)
        if asked is None or (asked.until is not None and asked.until <= self._now()):
            self._make_room(key)
            asked = _Asked(asyncio.create_task(find()))
            asked.finding.add_done_callback(partial(self._found, key, asked))
            self._asked[key] = asked
        asked.waiting += 1
        try:
            return await asyncio.shield(asked.finding)
        finally:
            asked.waiting -= 1
            if not asked.waiting and not asked.finding.done():
                self._forget(key, asked)
                asked.finding.cancel()

    def _found(self, key: KeyT, asked: _Asked[AnswerT], finding: asyncio.Task[AnswerT]) -> None:
        if finding.cancelled() or finding.exception() is not None:
            self._forget(key, asked)
        else:
            asked.until = self._now() + self._kept

    def _forget(self, key: KeyT, asked: _Asked[AnswerT]) -> None:
        if self._asked.get(key) is asked:
            del self._asked[key]

    def _make_room(self, key: KeyT) -> None:
        """Forget the answer for ``key``, and the oldest when there are too many."""
        self._asked.pop(key, None)
        kept = [known for known, asked in self._asked.items() if asked.until is not None]
        if len(self._asked) - len(kept) >= self._sought_at_most:
            raise TooManyQuestions(f"{self._sought_at_most} such answers are sought, ask again")
        for known in kept[: max(0, len(kept) - self._kept_at_most + 1)]:
            del self._asked[known]
