"""Follows what changes, as a service tells it, until Ctrl-C; services may restart meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol, TypeVar

from meterpark_cli.failures import Refused, Unreachable
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, Service, open_park
from meterpark_cli.showing.rendering import note

_AGAIN_SECONDS = 1.0
_TOO_OLD = "POSITION_TOO_OLD"


class _Request(Protocol):
    position: str


RequestT = TypeVar("RequestT", bound=_Request)


async def followed(
    asking: Asking,
    request: RequestT,
    service_of: Callable[[Park], Service[Any]],
    method: str,
    *,
    again: str,
) -> AsyncGenerator[Any]:
    """Yield the answers of a watching method for ever, from the request's position on, also over restarts.

    Retries while the service cannot be reached; raises a refusal. ``again`` is what to do when changes were missed.
    """
    trouble = ""
    while True:
        try:
            async with open_park(asking) as park:
                service = service_of(park)
                calls = getattr(service.calls, method)
                async with aclosing(service.follow(calls, partial(_same, request))) as answers:
                    async for answer in answers:
                        trouble = ""
                        request.position = answer.position
                        yield answer
        except Refused as refused:
            if refused.reason != _TOO_OLD:
                raise
            note(f"meterpark: some changes were missed. {again}; the watch goes on from now")
            request.position = ""
        except Unreachable as failure:
            if str(failure) != trouble:
                trouble = str(failure)
                note(f"meterpark: {trouble}")
        await asyncio.sleep(_AGAIN_SECONDS)


def _same(request: RequestT) -> RequestT:
    return request
