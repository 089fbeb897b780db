"""Calls that carry a token, renewed once when the callee does not accept it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Protocol

import grpc
import grpc.aio

from service_chassis.sidecar import Metadata


class Tokens(Protocol):
    """Where tokens come from: a service account, or the session of a user who is logged in."""

    async def value(self) -> str:
        """Return a token that is good now."""
        ...

    async def renewed(self, refused: str) -> str:
        """Return another token than ``refused``, which a callee did not accept."""
        ...


def bearer(token: str) -> Metadata:
    return (("authorization", f"Bearer {token}"),)


async def call_with_token(
    method: Callable[..., Awaitable[Any]],
    request: Any,
    *,
    tokens: Tokens,
    metadata: Metadata,
    timeout_seconds: float,
) -> Any:
    """Call ``method``; answered with UNAUTHENTICATED, get another token and call once more, and no third time.

    Raises what the call raises (grpc.aio.AioRpcError), and what ``tokens`` does.
    """
    token = await tokens.value()
    try:
        return await method(request, metadata=(*metadata, *bearer(token)), timeout=timeout_seconds)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.UNAUTHENTICATED:
            raise
    token = await tokens.renewed(token)
    return await method(request, metadata=(*metadata, *bearer(token)), timeout=timeout_seconds)


async def stream_with_token(
    method: Callable[..., Any],
    next_request: Callable[[], Any],
    *,
    tokens: Tokens,
    metadata: Metadata,
) -> AsyncGenerator[Any]:
    """Yield the answers of a streaming method. When a stream ends because its token ended, go on with another token.

    ``next_request`` gives the request that continues after the last answer. Raises what the call raises;
    UNAUTHENTICATED, too, when a stream with a new token ends before its first answer.
    """
    token = await tokens.value()
    is_new = False
    while True:
        answered = False
        call = method(next_request(), metadata=(*metadata, *bearer(token)))
        try:
            async for answer in call:
                answered = True
                yield answer
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAUTHENTICATED or (is_new and not answered):
                raise
        else:
            return
        token = await tokens.renewed(token)
        is_new = True
