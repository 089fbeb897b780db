"""Whom the run asks: smoc_service through the sidecar of meterpark-cli, and the router, both as an asset manager."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import grpc.aio
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub
from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceStub
from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceStub

from benchmarks.stack.bench_stack import CALLER, REGISTER, BenchStack
from benchmarks.trouble import BenchFailed
from service_chassis.finding import when_found
from service_chassis.sidecar import CHANNEL_OPTIONS, to_app
from tests.neighbours.keycloak import Keycloak

# Longer than any run.
_TOKEN_SECONDS: Final = 6 * 3600
_CALL_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Every call has the token of somebody who sees all networks and may change everything."""

    devices: Any
    jobs: Any
    imports: Any
    router_url: str
    http: aiohttp.ClientSession
    metadata: tuple[tuple[str, str], ...]
    token: str

    async def call(self, method: Callable[..., Awaitable[Any]], request: Any) -> Any:
        """Ask again while the register's sidecar is being replaced; raise BenchFailed for other trouble."""

        def call() -> Awaitable[Any]:
            return method(request, metadata=self.metadata, timeout=_CALL_SECONDS)

        try:
            return await when_found(call)
        except grpc.aio.AioRpcError as error:
            what = type(request).__name__
            raise BenchFailed(f"{what}: {error.code().name}: {error.details()}") from error

    async def timed(self, method: Callable[..., Awaitable[Any]], request: Any) -> float:
        """Return how many seconds one call took."""
        began = time.perf_counter()
        await self.call(method, request)
        return time.perf_counter() - began

    async def graph(self, query: str, variables: Mapping[str, Any]) -> Any:
        """Return the data of one GraphQL answer of the router; raise BenchFailed."""
        async with self.http.post(
            self.router_url,
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {self.token}"},
        ) as answer:
            said = await answer.json()
        if "errors" in said or not said.get("data"):
            raise BenchFailed(f"the router: {answer.status} {str(said)[:300]}")
        return said["data"]


@asynccontextmanager
async def asking(bench: BenchStack) -> AsyncIterator[Asking]:
    async with Keycloak.of_stack(bench.description["keycloak"]) as keycloak:
        token = await keycloak.token(
            roles=["asset-manager"], networks=["*"], seconds=_TOKEN_SECONDS
        )
    settings = bench.sidecar(CALLER)
    address = f"127.0.0.1:{settings.dapr_grpc_port}"
    async with (
        grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel,
        aiohttp.ClientSession() as http,
    ):
        yield Asking(
            devices=DeviceServiceStub(channel),
            jobs=JobServiceStub(channel),
            imports=ImportServiceStub(channel),
            router_url=bench.description["router"]["url"],
            http=http,
            metadata=(*to_app(REGISTER, settings), ("authorization", f"Bearer {token}")),
            token=token,
        )
