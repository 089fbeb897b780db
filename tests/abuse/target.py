"""The stack as an attacker sees it, and the good user beside them."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc.aio
import psutil
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub

from tests.neighbours.keycloak import Keycloak
from tests.neighbours.stack import RunningStack
from tests.system.graph import Asking, Door
from tests.system.messages import NOON, events
from tests.system.park import Park, connect_as_hes, tokens_for_scripts, until

# Attacks come from an address of their own, so that a bound per address does not lock the good user out.
ATTACKER = "127.0.0.2"
_GOOD_QUESTION = "{ parkSummary { deviceCount } }"
_TAMPERED = "3.12.43.257"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of each attack: `make abuse` takes it whole, `make test` a part."""

    connections: int
    items: int
    messages: int
    examples: int


SHORT = Size(connections=300, items=2_000, messages=50, examples=10)
WHOLE = Size(connections=4_050, items=20_000, messages=500, examples=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running stack, and tokens of a person who may look and of one who may change."""

    park: Park
    size: Size
    viewer: str
    manager: str

    @property
    def stack(self) -> RunningStack:
        return self.park.stack

    @property
    def router_url(self) -> str:
        return str(self.stack.description["router"]["url"])

    @property
    def bff_url(self) -> str:
        """Of the bff, without a path."""
        return str(self.stack.description["bff"]["url"])

    def graph_url(self, door: Door) -> str:
        return self.router_url if door == "router" else f"{self.bff_url}/graphql"

    def asking(self, door: Door, token: str | None) -> Asking:
        return Asking(stack=self.stack, token=token, door=door)

    @asynccontextmanager
    async def attacker(self, token: str | None = None) -> AsyncIterator[aiohttp.ClientSession]:
        """A client that comes from the attacker's address, without a limit of connections."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, local_addr=(ATTACKER, 0)),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=60),
        ) as http:
            yield http

    async def still_serves(self) -> str:
        """Return what is wrong for good users now; empty when a message passes and both doors answer."""
        serial = f"GOOD-{time.monotonic_ns()}"
        for door in ("router", "bff"):
            answer = await self.asking(door, self.viewer).ask(_GOOD_QUESTION)
            if answer.errors or not answer.data:
                return f"a good question at the {door}: {answer}"
        await self.park.publish(events((serial, _TAMPERED, NOON)))
        try:
            await until(
                lambda: self.park.device(f"north/{serial}"),
                lambda seen: seen.tamper.value == "DETECTED",
                patience_seconds=60,
            )
        except AssertionError as error:
            return f"a good message does not reach the register: {error}"
        return ""

    def pids(self) -> dict[str, int]:
        """The process id of every process of the stack."""
        return {name: self.stack.pid(name) for name in self.stack.processes}

    def memory(self) -> dict[str, int]:
        """Resident bytes of every process of the stack, with its children."""
        return {name: _resident(pid) for name, pid in self.pids().items()}


@asynccontextmanager
async def target_of(stack: RunningStack, size: Size) -> AsyncIterator[Target]:
    """The target that a running stack is."""
    hes = await connect_as_hes(stack)
    tokens = tokens_for_scripts(stack)
    await tokens.value()
    try:
        async with (
            Keycloak.of_stack(stack.description["keycloak"]) as keycloak,
            grpc.aio.insecure_channel(stack.sidecar_address("meterpark-cli")) as channel,
        ):
            yield Target(
                park=Park(
                    stack=stack,
                    hes=hes,
                    channel=channel,
                    register=DeviceServiceStub(channel),
                    hub=DeviceHubServiceStub(channel),
                    to_register=stack.call_metadata("meterpark-cli", "smoc-service"),
                    to_hub=stack.call_metadata("meterpark-cli", "device-hub"),
                    tokens=tokens,
                ),
                size=size,
                viewer=await _long_token(keycloak, "asset-viewer"),
                manager=await _long_token(keycloak, "asset-manager"),
            )
    finally:
        await hes.close()


async def _long_token(keycloak: Keycloak, role: str) -> str:
    return await keycloak.token(roles=[role], networks="*", seconds=3600)


def told(answer: Mapping[str, Any] | Any) -> str:
    """An answer, short enough for a finding."""
    return str(answer)[:400]


def _resident(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(each.memory_info().rss for each in family)
    except psutil.NoSuchProcess:
        return 0
