"""Watching the park's counts: each watcher gets the newest, at most once a second, and never those in between.

Nothing can be lost and nothing is queued: a position holds the counts, not a time, so every process can see whether
they have changed. Watchers of the same counts are answered at the same moments, from one computation.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from service_chassis.pages import seal, unseal
from service_chassis.scope import Scope
from smoc_service.changes.watch import SIGN_OF_LIFE_SECONDS, Watchers
from smoc_service.errors import PositionInvalid
from smoc_service.park.park import Park
from smoc_service.park.summary import ParkSummaries, ParkSummary

BEAT_SECONDS: Final = 1.0

_PURPOSE = "watch summary"
_Question = tuple[tuple[str, ...], frozenset[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryAnswer:
    # None in signs of life.
    summary: ParkSummary | None
    position: str


class SummaryWatch:
    def __init__(
        self,
        park: Park,
        summaries: ParkSummaries,
        watchers: Watchers,
        sign_of_life_seconds: float = SIGN_OF_LIFE_SECONDS,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._park = park
        self._summaries = summaries
        self._watchers = watchers
        self._sign_of_life_seconds = sign_of_life_seconds
        self._beat_seconds = beat_seconds
        # What was answered at the newest version of the park.
        self._version = -1
        self._answers: dict[_Question, SummaryAnswer] = {}

    async def follow(
        self, dimensions: Sequence[str], scope: Scope, position: str, subject: str
    ) -> AsyncGenerator[SummaryAnswer]:
        """Yield the counts of the scope, at once and after each change, for ever.

        With a position, the first answer comes when the counts differ from it. In between there are signs of life.

        Raises:
            TooManyWatchers: at once; try again later.
            PositionInvalid: at once; the position was not made by this service.
            ParkNotLoaded: the service has just started; try again.
            WatchClosed: this process stops; resume from the last position.
        """
        if position and not unseal(_PURPOSE, position):
            raise PositionInvalid("not a position that this watch gave")
        question = (tuple(dimensions), scope.networks)
        with self._watchers.one_more(subject):
            clock = asyncio.get_running_loop().time
            told_at = clock()
            while True:
                version = self._park.version
                answer = await self._answer(question, scope, version)
                if answer.position != position:
                    position, told_at = answer.position, clock()
                    yield answer
                elif clock() - told_at >= self._sign_of_life_seconds:
                    told_at = clock()
                    yield SummaryAnswer(summary=None, position=position)
                self._watchers.check_open()
                # The next beat is the same for everybody, however late this one was read.
                await asyncio.sleep(self._beat_seconds - clock() % self._beat_seconds)
                try:
                    async with asyncio.timeout(told_at + self._sign_of_life_seconds - clock()):
                        await self._park.changed_since(version)
                except TimeoutError:
                    continue

    async def _answer(self, question: _Question, scope: Scope, version: int) -> SummaryAnswer:
        if version != self._version:
            self._version = version
            self._answers.clear()
        if question not in self._answers:
            summary = await self._summaries.summary(question[0], 0, scope)
            told = repr((question[0], summary.device_count, sorted(summary.counts.items())))
            digest = blake2b(told.encode(), digest_size=12).hexdigest()
            answer = SummaryAnswer(summary=summary, position=seal(_PURPOSE, digest))
            if self._version != version:
                return answer
            self._answers[question] = answer
        return self._answers[question]
