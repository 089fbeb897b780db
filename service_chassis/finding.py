"""A call to an app whose sidecar is not to be found for a moment, because it is being replaced.

The own sidecar answers so before anything has left it: the call reached nobody, and may be made again, whatever it is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import grpc
import grpc.aio

from service_chassis.retries import Backoff

T = TypeVar("T")

# Dapr has no code for it: the resolver's error comes as it is.
_NOT_FOUND: Final = "no host found with the given ID"
# A sidecar that is replaced is back within this time; who waits longer is told.
_PATIENCE_SECONDS: Final = 3.0
_BACKOFF: Final = Backoff(first_seconds=0.05, ceiling_seconds=0.5)


def found_nobody(error: grpc.aio.AioRpcError) -> bool:
    """Whether the own sidecar knows no address of the app, so that the call reached nobody."""
    return error.code() is grpc.StatusCode.UNKNOWN and error.details() == _NOT_FOUND


async def when_found(call: Callable[[], Awaitable[T]]) -> T:
    """Return what ``call`` returns, and make it again for some seconds while the app is not to be found.

    Raises what the last call raises.
    """
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    failures = 0
    while True:
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if not found_nobody(error) or time.monotonic() > give_up_at:
                raise
        await asyncio.sleep(_BACKOFF.seconds(failures))
        failures += 1
