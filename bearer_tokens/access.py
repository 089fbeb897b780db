"""The door's second lock: who may call which method, by a table of exact method names; everything else is refused.

A method that is not in the table is refused like one that the caller's roles do not allow. So a caller cannot find out
which other methods exist, with or without a token.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias, assert_never

import aiohttp
import grpc
import grpc.aio
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from bearer_tokens.signing_keys import SigningKeys, read_keys
from bearer_tokens.token_check import TokenCheck, TokenInvalid
from service_chassis.caller import Caller, set_caller
from service_chassis.refusals import CallDenied, CallRefused
from service_chassis.settings import TokenSettings


@dataclass(frozen=True, slots=True)
class Roles:
    """A valid token with one of these roles; with ``client``, only one that was issued to that client."""

    any_of: frozenset[str]
    client: str | None = None


@dataclass(frozen=True, slots=True)
class WithoutToken:
    """No token: who may call is decided by the sidecar alone."""


Rule: TypeAlias = Roles | WithoutToken
AccessTable: TypeAlias = Mapping[str, Rule]

NOBODY: Final = Roles(frozenset())
# Every server has it, and supervisors call it without a token.
_HEALTH: AccessTable = {
    "/grpc.health.v1.Health/Check": WithoutToken(),
    "/grpc.health.v1.Health/Watch": WithoutToken(),
}
_SCHEME = "bearer"


class AccessInterceptor(grpc.aio.ServerInterceptor):
    """Lets a call through to its method when the table allows it; the method finds its ``Caller``.

    A call that answers in one piece is judged when it comes, one that streams ends when its token does.
    """

    def __init__(
        self, table: AccessTable, tokens: TokenCheck, leeway: timedelta, now: Callable[[], datetime]
    ) -> None:
        self._table = {**table, **_HEALTH}
        self._tokens = tokens
        self._leeway = leeway
        self._now = now

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        rule = self._table.get(handler_call_details.method, NOBODY)
        match rule:
            case WithoutToken():
                return await continuation(handler_call_details)
            case Roles():
                caller = await self._admitted(rule, handler_call_details)
            case _:
                assert_never(rule)
        handler = await continuation(handler_call_details)
        if handler is None or not handler.response_streaming:
            return handler
        if handler.request_streaming:
            raise NotImplementedError("a stream of requests: nothing ends it with its token")
        return grpc.unary_stream_rpc_method_handler(
            self._until_expired(caller, handler.unary_stream),
            handler.request_deserializer,
            handler.response_serializer,
        )

    async def _admitted(self, rule: Roles, details: grpc.HandlerCallDetails) -> Caller:
        caller = await self._tokens.caller(_bearer_token(details), self._now())
        set_caller(caller)
        if rule.client is not None and rule.client != caller.client:
            raise _role_missing(f"needs a token of client {rule.client}")
        if not rule.any_of & caller.roles:
            raise _role_missing(
                f"needs {' or '.join(sorted(rule.any_of)) or 'a role that does not exist'}"
            )
        return caller

    def _until_expired(self, caller: Caller, behaviour: Any) -> Any:
        async def answers(
            request: Any, context: grpc.aio.ServicerContext[Any, Any]
        ) -> AsyncGenerator[Any]:
            # In this order: the end of a token may be the end of the calendar.
            left = caller.expires_at - self._now() + self._leeway
            ends_at = asyncio.get_running_loop().time() + left.total_seconds()
            async with aclosing(behaviour(request, context)) as given:
                while True:
                    try:
                        async with asyncio.timeout_at(ends_at) as patience:
                            answer = await anext(given)
                    except StopAsyncIteration:
                        return
                    except TimeoutError:
                        if not patience.expired():
                            raise
                        raise _stream_over() from None
                    yield answer

        return answers


def _stream_over() -> CallRefused:
    # Nothing was denied: a watcher goes on with its next token. So the audit log gets no line.
    return CallRefused(
        grpc.StatusCode.UNAUTHENTICATED,
        ErrorReason.ERROR_REASON_TOKEN_EXPIRED,
        "not authenticated",
    )


def _role_missing(why: str) -> CallDenied:
    return CallDenied(ErrorReason.ERROR_REASON_ROLE_MISSING, why)


def _bearer_token(details: grpc.HandlerCallDetails) -> str:
    given = [value for key, value in details.invocation_metadata or () if key == "authorization"]
    if not given:
        raise TokenInvalid("no token")
    if len(given) > 1:
        raise TokenInvalid("more than one authorization")
    scheme, _, token = str(given[0]).partition(" ")
    if scheme.lower() != _SCHEME:
        raise TokenInvalid("its authorization is no bearer token")
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The lock of one service, and the keys that it rests on."""

    interceptor: AccessInterceptor
    keys: SigningKeys


@asynccontextmanager
async def open_access(
    settings: TokenSettings, audience: str, table: AccessTable, *, now: Callable[[], datetime]
) -> AsyncIterator[Access]:
    """Make the lock of the service ``audience`` (its app id). Its ``keys`` are to ``run`` while the service does."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        keys = SigningKeys(partial(read_keys, session, settings.token_jwks_url))
        tokens = TokenCheck(
            keys,
            issuer=settings.token_issuer,
            audience=audience,
            leeway_seconds=settings.token_leeway_seconds,
        )
        leeway = timedelta(seconds=settings.token_leeway_seconds)
        try:
            yield Access(
                interceptor=AccessInterceptor(table, tokens, leeway, now),
                keys=keys,
            )
        finally:
            await keys.close()
