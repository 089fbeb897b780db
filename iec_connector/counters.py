"""Counts messages by outcome, in one log line a minute, and keeps the time of the last one, as a sign of progress."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog

log = structlog.get_logger()


class Counters:
    """Counts since the start; names are those of the log line."""

    def __init__(
        self, now: Callable[[], datetime] | None = None, whole: "Counters | None" = None
    ) -> None:
        """Each count here counts in ``whole``, too. Without ``now`` no time is kept."""
        self._counts: Counter[str] = Counter()
        self._last: dict[str, datetime] = {}
        self._now = now
        self._whole = whole

    def of_source(self) -> "Counters":
        """Return counters of a part: one source's, for example."""
        return Counters(self._now, self)

    def add(self, name: str, count: int = 1) -> None:
        if not count:
            return
        self._counts[name] += count
        if self._now is not None:
            self._last[name] = self._now()
        if self._whole is not None:
            self._whole.add(name, count)

    def last(self, name: str) -> datetime | None:
        """Return when something was added to ``name`` last."""
        return self._last.get(name)

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    async def report(self, every_seconds: float, reports_waiting: Callable[[], int]) -> None:
        """Log the totals for ever, when something has changed or something waits."""
        last: Counter[str] = Counter()
        while True:
            await asyncio.sleep(every_seconds)
            waiting = reports_waiting()
            if waiting or self._counts != last:
                last = self._counts.copy()
                log.info("messages so far", reports_waiting=waiting, **dict(sorted(last.items())))
