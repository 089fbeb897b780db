"""A gRPC server behind the second lock, as every service has it: methods, a table of roles, an issuer of tokens."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest
import structlog
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from bearer_tokens.access import AccessInterceptor, AccessTable, Roles, WithoutToken
from bearer_tokens.signing_keys import SigningKeys, read_keys
from bearer_tokens.token_check import TokenCheck
from service_chassis.caller import current_caller
from service_chassis.refusals import reason_of
from service_chassis.scope import NetworkDenied
from service_chassis.server import serving
from tests.neighbours.issuer import ISSUER, Issuer

READ = "/park.v1.Doors/Read"
TELL = "/park.v1.Doors/Tell"
WATCH = "/park.v1.Doors/Watch"
FOR_ONE_CLIENT = "/park.v1.Doors/ForOneClient"
OPEN = "/park.v1.Doors/Open"
FORGOTTEN = "/park.v1.Doors/Forgotten"
TABLE: AccessTable = {
    READ: Roles(frozenset({"asset-viewer", "asset-manager"})),
    TELL: Roles(frozenset({"asset-viewer"})),
    WATCH: Roles(frozenset({"asset-viewer"})),
    FOR_ONE_CLIENT: Roles(frozenset({"device-provisioner"}), client="device-hub"),
    OPEN: WithoutToken(),
}


@dataclass(slots=True)
class Methods:
    """What lies behind the door."""

    go_on: asyncio.Event
    reached: int = 0
    slow_began: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, _request: bytes, _context: object) -> bytes:
        self.reached += 1
        caller = current_caller()
        return json.dumps([caller.username, caller.client]).encode()

    async def tell(self, _request: bytes, _context: object) -> bytes:
        raise NetworkDenied("device south/1")

    async def slow(self, _request: bytes, _context: object) -> bytes:
        self.slow_began.set()
        await self.go_on.wait()
        return b"done"

    async def watch(self, _request: bytes, _context: object) -> AsyncIterator[bytes]:
        self.reached += 1
        yield current_caller().username.encode()
        await self.go_on.wait()
        yield b"more"

    async def without_caller(self, _request: bytes, _context: object) -> bytes:
        with contextlib.suppress(LookupError):
            return current_caller().username.encode()
        return b"nobody"

    def add(self, server: grpc.aio.Server) -> Sequence[str]:
        one, many = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        handlers: dict[str, Any] = {
            "Read": one(self.read),
            "Tell": one(self.tell),
            "Watch": many(self.watch),
            "ForOneClient": one(self.slow),
            "Open": one(self.without_caller),
            "Forgotten": one(self.read),
        }
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("park.v1.Doors", handlers),)
        )
        return ()


@dataclass(frozen=True, slots=True)
class Door:
    issuer: Issuer
    methods: Methods
    channel: Any
    log: list[Any]

    async def call(self, method: str, *metadata: tuple[str, str], request: bytes = b"") -> bytes:
        call = self.channel.unary_unary(method)
        answer: bytes = await call(request, metadata=metadata, timeout=20)
        return answer

    async def refusal(
        self, method: str, *metadata: tuple[str, str], request: bytes = b""
    ) -> tuple[grpc.StatusCode, str, str]:
        """Return status, reason and text with which the call is refused."""
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.call(method, *metadata, request=request)
        return told(raised.value)

    def bearer(self, **about: Any) -> tuple[str, str]:
        return bearer(self.issuer.token(**about))

    @property
    def audited(self) -> list[dict[str, Any]]:
        return [line for line in self.log if line["event"] == "call denied"]


def told(error: grpc.aio.AioRpcError) -> tuple[grpc.StatusCode, str, str]:
    reason = reason_of(error)
    name = "" if reason is None else ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
    return error.code(), name, error.details() or ""


def bearer(token: str) -> tuple[str, str]:
    return ("authorization", f"Bearer {token}")


def system_time() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def door(
    issuer: Issuer, methods: Methods, now: Callable[[], datetime] = system_time
) -> AsyncIterator[Door]:
    leeway = timedelta(seconds=2)
    with structlog.testing.capture_logs() as log:
        async with aiohttp.ClientSession() as session:
            keys = SigningKeys(partial(read_keys, session, issuer.jwks_url), pause_seconds=0.02)
            tokens = TokenCheck(keys, issuer=ISSUER, audience="smoc-service", leeway_seconds=2)
            lock = AccessInterceptor(TABLE, tokens, leeway, now)
            async with (
                serving(0, methods.add, lambda _: None, interceptors=[lock]) as port,
                grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
            ):
                yield Door(issuer, methods, channel, log)
            await keys.close()
