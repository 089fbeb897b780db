"""How many messages ended how, in one log line a minute."""

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog

log = structlog.get_logger()


class Counters:
    """Counts since the start; names are those of the log line."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, name: str, count: int = 1) -> None:
        if count:
            self._counts[name] += count

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
