"""The head-end system's reports go first, before what can wait."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class ReportsFirst:
    """While reports are under way, a caller pauses here as long as it has worked: half of the time is for reports."""

    def __init__(self) -> None:
        self._under_way = 0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Reports are under way for as long as the block lasts."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def let_pass(self, worked_seconds: float) -> None:
        """Let waiting reports pass."""
        await asyncio.sleep(worked_seconds if self._under_way else 0)
