"""Rounds of work for ever: one after the other, with a pause when there was nothing to do."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, NoReturn

from service_chassis.cancellation import end_if_cancelled
from service_chassis.retries import Retries

IDLE_SECONDS: Final = 1.0


def patiently(work: str) -> Retries:
    """Return the retries of ``work``, for a database in trouble."""
    return Retries(work)


async def round_after_round(
    one: Callable[[], Awaitable[bool]], woken: asyncio.Event, retries: Retries
) -> NoReturn:
    """Do ``one`` round after the other; after one without work rest a little, or until ``woken``."""
    while True:
        end_if_cancelled()
        woken.clear()
        if not await one():
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), IDLE_SECONDS)
        retries.got_on()
