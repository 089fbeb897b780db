"""Waiting for what a service does by itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from benchmarks.trouble import BenchFailed

_GLANCE_SECONDS: Final = 0.2
_PATIENCE_SECONDS: Final = 1_800.0

FoundT = TypeVar("FoundT")


async def until(
    look: Callable[[], Awaitable[FoundT]], is_there: Callable[[FoundT], bool], what: str
) -> FoundT:
    """Return the first of what `look` finds that is there; raise BenchFailed after half an hour."""
    deadline = time.perf_counter() + _PATIENCE_SECONDS
    while not is_there(found := await look()):
        if time.perf_counter() > deadline:
            raise BenchFailed(f"{what} does not end: {str(found)[:300]}")
        await asyncio.sleep(_GLANCE_SECONDS)
    return found
