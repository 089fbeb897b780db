"""Connect, use, lose, wait, connect again: the loop beside the connection."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from jms_transport.port import Connection, TransportError, TransportRefused
from service_chassis.retries import Backoff, Retries

log = structlog.get_logger()

# A connection that lived so long makes the count of failures start again; one that dies at once does not.
_SETTLED_SECONDS = 10.0


async def stay_connected(
    name: str,
    dial: Callable[[], Awaitable[Connection]],
    use: Callable[[Connection], Awaitable[None]],
    *,
    backoff: Backoff,
) -> None:
    """Dial and run ``use(connection)`` until it returns; when the broker is lost or refuses, wait and dial again.

    A refusal is retried, too, at the slowest pace: an operator may correct the password at the broker, and the other
    brokers of this process must not stop for it.
    ``use`` ends with TransportLost or TransportRefused when its connection does; any other exception goes up.
    """
    retries = Retries(name, backoff)
    loop = asyncio.get_running_loop()
    while True:
        try:
            connection = await dial()
            log.info("broker connected", broker=name)
            settled = loop.call_later(_SETTLED_SECONDS, retries.got_on)
            try:
                await use(connection)
            finally:
                settled.cancel()
                await connection.close()
        except TransportError as error:
            await retries.pause(error, slowly=isinstance(error, TransportRefused))
        else:
            return
