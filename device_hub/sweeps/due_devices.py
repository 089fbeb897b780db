"""Asking the devices that are due by their heads, each once in a sweep, at a set pace."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from device_hub.actors.turns_client import DeviceUnreachable

log = structlog.get_logger()

_GROUP: Final = 200
_MOST: Final = _GROUP * 50


async def ask_each_due(
    what: str,
    find: Callable[[int], Awaitable[list[str]]],
    ask: Callable[[str], Awaitable[object]],
    *,
    per_second: float,
) -> int:
    """Ask up to 10,000 devices that ``find`` (its argument: how many at most) returns; returns how many were asked.

    A device that is away holds up nobody: it stays due, and the next sweep asks it again.
    """
    asked: set[str] = set()
    while len(asked) < _MOST:
        # A device that was asked stays due until the follower has moved its head: ask each once per sweep.
        due = await find(_GROUP + len(asked))
        fresh = [device_id for device_id in due if device_id not in asked][:_GROUP]
        if not fresh:
            break
        for device_id in fresh:
            asked.add(device_id)
            try:
                await ask(device_id)
            except DeviceUnreachable as error:
                log.warning(
                    "turn of a sweep postponed", sweep=what, device_id=device_id, error=str(error)
                )
            await asyncio.sleep(1 / per_second)
    if asked:
        log.info("sweep done", sweep=what, devices=len(asked))
    return len(asked)
