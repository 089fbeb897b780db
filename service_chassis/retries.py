"""The one way to wait and try again (docs/decisions/0037-retries.md).

A pause grows with each failure, up to a ceiling, and differs between processes. The count starts again when the
work succeeds. The log says when trouble begins, once a minute while it lasts, and when it is over.
"""

import asyncio
import random
import time
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NoReturn, TypeVar

import structlog

from service_chassis.cancellation import end_if_cancelled

log = structlog.get_logger()

T = TypeVar("T")
Trouble = type[Exception] | tuple[type[Exception], ...]

_LOG_AGAIN_SECONDS: Final = 60.0
_WHY_CHARACTERS: Final = 300
_DOUBLINGS_AT_MOST: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait: ``first * 2**attempt`` seconds, at most ``ceiling``, minus up to a quarter by chance."""

    first_seconds: float = 1.0
    ceiling_seconds: float = 10.0

    def seconds(self, attempt: int) -> float:
        """Return the pause after failure number ``attempt``, counted from 0."""
        longest = self.first_seconds * 2.0 ** min(attempt, _DOUBLINGS_AT_MOST)
        return min(longest, self.ceiling_seconds) * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load


def spread(seconds: float) -> float:
    """Return about ``seconds``, so that several processes do not do their regular work at the same moment."""
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load


class Retries:
    """The retries of ``work`` (its name in the log). Each of several tasks that do the same has its own (`of_one`)."""

    def __init__(
        self,
        work: str,
        backoff: Backoff = Backoff(),
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        told: "_Told | None" = None,
    ) -> None:
        self._backoff = backoff
        self._sleep = sleep
        self._told = told or _Told(work, clock)
        self._failures = 0

    @property
    def failures(self) -> int:
        """How often it failed since its last success."""
        return self._failures

    def of_one(self) -> "Retries":
        """Return the retries of one of several tasks. It has its own pauses; the log sees the trouble of all as one."""
        return Retries(self._told.work, self._backoff, sleep=self._sleep, told=self._told)

    def got_on(self) -> None:
        """Note a success: the next failure is new trouble."""
        if self._failures:
            self._told.over_for(self)
        self._failures = 0

    async def pause(self, why: object, *, slowly: bool = False) -> None:
        """Wait after a failure. ``slowly``: the longest pause, for trouble that an operator has to fix."""
        seconds = self._backoff.seconds(_DOUBLINGS_AT_MOST if slowly else self._failures)
        self._failures += 1
        self._told.failed(self, why, seconds)
        await self._sleep(seconds)

    async def until_done(self, work: Callable[[], Awaitable[T]], on: Trouble) -> T:
        """Call ``work`` until it succeeds, and return its result. Retry errors of the kinds ``on``; raise others."""
        while True:
            end_if_cancelled()
            try:
                result = await work()
            except on as error:
                await self.pause(error)
            else:
                self.got_on()
                return result

    async def for_ever(
        self,
        work: Callable[[], Awaitable[object]],
        on: Trouble,
        *,
        every_seconds: float | None = None,
    ) -> NoReturn:
        """Start ``work`` again each time it ends: about ``every_seconds`` later, sooner when it failed with ``on``.

        Work that runs for a long time calls ``got_on`` itself.
        """
        while True:
            await self.until_done(work, on)
            end_if_cancelled()
            first = self._backoff.seconds(0)
            await self._sleep(first if every_seconds is None else spread(every_seconds))


class _Told:
    """What the log says about one trouble. It lasts while any of the tasks that share it is in trouble."""

    def __init__(self, work: str, clock: Callable[[], float]) -> None:
        self.work = work
        self._clock = clock
        # A task that ended is no longer in trouble.
        self._in_trouble: weakref.WeakSet[Retries] = weakref.WeakSet()
        self._failures = 0
        self._since = 0.0
        self._logged_at = 0.0

    def failed(self, one: Retries, why: object, seconds: float) -> None:
        now = self._clock()
        begins = not self._in_trouble
        if begins:
            self._since, self._failures = now, 0
        self._failures += 1
        self._in_trouble.add(one)
        if not begins and now - self._logged_at < _LOG_AGAIN_SECONDS:
            return
        self._logged_at = now
        log.warning(
            "failed, trying again",
            work=self.work,
            why=str(why)[:_WHY_CHARACTERS],
            failures=self._failures,
            since_seconds=round(now - self._since, 1),
            again_in_seconds=round(seconds, 1),
        )

    def over_for(self, one: Retries) -> None:
        self._in_trouble.discard(one)
        if not self._in_trouble:
            seconds = round(self._clock() - self._since, 1)
            log.info("works again", work=self.work, failures=self._failures, after_seconds=seconds)
