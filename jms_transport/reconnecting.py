"""Connect, use, lose, wait, connect again: the loop beside the connection."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from jms_transport.port import Connection, TransportError, TransportLost, TransportRefused

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential back-off with full jitter: attempt n waits 0 to ``first * 2**n`` seconds, at most ``ceiling``."""

    first_seconds: float = 0.5
    ceiling_seconds: float = 30.0
    settled_after_seconds: float = 10.0
    """A connection that lived so long makes the count start anew; one that dies at once does not."""

    def seconds(self, attempt: int) -> float:
        longest = min(self.ceiling_seconds, self.first_seconds * 2.0 ** min(attempt, 30))
        return random.uniform(0.0, longest)  # noqa: S311  # spreads reconnects, protects nothing


async def stay_connected(
    name: str,
    dial: Callable[[], Awaitable[Connection]],
    use: Callable[[Connection], Awaitable[None]],
    *,
    backoff: Backoff,
) -> None:
    """Dial and run ``use(connection)`` until it returns; whenever the broker is lost or says no, wait and dial again.

    A refusal is tried again too, at the ceiling's pace: somebody will correct the password at the broker,
    and the other brokers of this process must not stop for it. One log line per attempt.
    ``use`` ends with TransportLost or TransportRefused when its connection does; any other exception goes up.
    """
    loop = asyncio.get_running_loop()
    attempt = 0
    while True:
        connected_at: float | None = None
        try:
            connection = await dial()
            connected_at = loop.time()
            log.info("broker connected", broker=name)
            try:
                await use(connection)
            finally:
                await connection.close()
        except TransportError as error:
            if (
                connected_at is not None
                and loop.time() - connected_at > backoff.settled_after_seconds
            ):
                attempt = 0
            pause = backoff.seconds(30 if isinstance(error, TransportRefused) else attempt)
            attempt += 1
            say = log.warning if isinstance(error, TransportLost) else log.error
            say(
                "broker not connected",
                broker=name,
                error=str(error),
                attempt=attempt,
                again_in_seconds=round(pause, 1),
            )
            await asyncio.sleep(pause)
        else:
            return
