"""The connection to the broker, for messages that a user sends by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jms_transport import Connection, TransportLost, TransportRefused, connect
from meterpark_cli.failures import Failure, Unreachable, WrongUsage
from meterpark_cli.stack.broker_access import BrokerAccess, read_password


@asynccontextmanager
async def open_broker(access: BrokerAccess, timeout_seconds: float) -> AsyncIterator[Connection]:
    """Log in; raise Unreachable, WrongUsage (address, password file) or Failure (the broker refuses this user)."""
    try:
        async with asyncio.timeout(timeout_seconds):
            connection = await connect(
                access.url, user=access.user, password=read_password(access), tls=access.tls
            )
    except ValueError as error:
        raise WrongUsage(f"broker: {error}") from error
    except TimeoutError as error:
        raise Unreachable(
            f"the broker at {access.url} cannot be reached: no answer within {timeout_seconds:g} s"
        ) from error
    except TransportLost as error:
        raise Unreachable(f"the broker at {access.url} cannot be reached: {error}") from error
    except TransportRefused as error:
        raise Failure(f"the broker at {access.url} refuses: {error}") from error
    try:
        yield connection
    finally:
        await connection.close()
