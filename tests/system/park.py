"""The whole system as a test sees it: a head-end system on one side, the register on the other."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import grpc.aio
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub_contract
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.smoc.v1 import device_pb2, device_service_pb2

from bearer_tokens.service_token import ServiceToken
from bearer_tokens.token_calls import call_with_token
from bearer_tokens.token_endpoint import ask_as_service
from jms_transport import Connection, Destination, OutgoingMessage, connect
from service_chassis.sidecar import Metadata
from tests.neighbours.stack import RunningStack

PATIENCE_SECONDS = 90
DESTINATION = "queue://IEC20_PUSH"

T = TypeVar("T")

# What a caller meets while a process is away; any other error fails the test.
_AWAY = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)


class NeverSeen(AssertionError):
    """What was waited for did not come; the text says what was there instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A park as its clients see it, wherever it runs."""

    hes: Connection
    # To the command's sidecar.
    channel: grpc.aio.Channel
    register: Any
    hub: Any
    to_register: Metadata
    to_hub: Metadata
    # Of the account for scripts.
    tokens: ServiceToken

    async def publish(self, *bodies: str | bytes) -> None:
        """Publish as the head-end system; returns when the broker has stored the messages."""
        for body in bodies:
            await self.hes.send(Destination.parse(DESTINATION), OutgoingMessage(body=body))

    async def device(self, device_id: str) -> device_pb2.Device:
        request = device_service_pb2.GetDeviceRequest(device_id=device_id)
        found: device_pb2.Device = (await self._register(self.register.GetDevice, request)).device
        return found

    async def all_devices(self, prefix: str) -> dict[str, device_pb2.Device]:
        """Return every device whose serial number or identifier begins with ``prefix``, by id."""
        found: dict[str, device_pb2.Device] = {}
        token = ""
        while True:
            request = device_service_pb2.ListDevicesRequest(
                filter=device_service_pb2.DeviceFilter(text_beginning=prefix),
                page_size=500,
                page_token=token,
            )
            page = await self._register(self.register.ListDevices, request)
            found |= {device.device_id: device for device in page.devices}
            token = page.next_page_token
            if not token:
                return found

    async def behind(self, parent: str) -> list[str]:
        """Return the ids of up to 50 devices that the search finds behind a device, which goes by this name."""
        behind = device_service_pb2.DeviceFilter(parents=[parent])
        request = device_service_pb2.ListDevicesRequest(filter=behind)
        page = await self._register(self.register.ListDevices, request)
        return [device.device_id for device in page.devices]

    async def journal(self, device_id: str) -> list[hub_contract.HistoryEntry]:
        """Return all commits of a device."""
        entries: list[hub_contract.HistoryEntry] = []
        token = ""
        while True:
            request = hub_contract.GetDeviceHistoryRequest(
                device_id=device_id, page_size=500, page_token=token
            )
            page = await self._hub(self.hub.GetDeviceHistory, request)
            entries += page.entries
            token = page.next_page_token
            if not token:
                return entries

    async def timeline(self, device_id: str) -> list[device_pb2.TimelineEntry]:
        """Return a device's newest 500 timeline entries, newest first."""
        request = device_service_pb2.ListDeviceEventsRequest(device_id=device_id, page_size=500)
        return list((await self._register(self.register.ListDeviceEvents, request)).entries)

    async def quarantined(self, text: bytes) -> quarantine_pb2.QuarantinedMessage | None:
        """Return the newest quarantined message whose body holds ``text``."""
        request = quarantine_pb2.ListQuarantinedMessagesRequest(page_size=500)
        page = await self._hub(self.hub.ListQuarantinedMessages, request)
        for listed in page.messages:
            whole = quarantine_pb2.GetQuarantinedMessageRequest(quarantine_id=listed.quarantine_id)
            answer = await self._hub(self.hub.GetQuarantinedMessage, whole)
            message: quarantine_pb2.QuarantinedMessage = answer.message
            if text in message.body:
                return message
        return None

    async def replay(self, quarantine_id: str) -> None:
        request = quarantine_pb2.ReplayQuarantinedMessagesRequest(quarantine_ids=[quarantine_id])
        await self._hub(self.hub.ReplayQuarantinedMessages, request)

    async def _register(self, method: Any, request: Any) -> Any:
        return await self._ask(method, request, self.to_register)

    async def _hub(self, method: Any, request: Any) -> Any:
        return await self._ask(method, request, self.to_hub)

    async def _ask(self, method: Any, request: Any, metadata: Metadata) -> Any:
        return await call_with_token(
            method, request, tokens=self.tokens, metadata=metadata, timeout_seconds=5
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Park(Asked):
    """The park of a stack on this machine."""

    stack: RunningStack


async def until(
    look: Callable[[], Awaitable[T]],
    good: Callable[[T], bool],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> T:
    """Look until what is seen is good; processes that are away meanwhile are waited for."""
    deadline = time.monotonic() + patience_seconds
    seen: object = "nothing"
    while time.monotonic() < deadline:
        try:
            found = await look()
        except grpc.aio.AioRpcError as error:
            if error.code() not in _AWAY and error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            seen = f"{error.code().name}: {error.details()}"
        else:
            if good(found):
                return found
            seen = found
        await asyncio.sleep(0.1)
    raise NeverSeen(f"not within {patience_seconds:.0f} s; last seen: {str(seen)[:2000]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended, and what it printed."""

    code: int
    out: str
    err: str


async def run_program(
    *words: str, settings: Mapping[str, str], timeout_seconds: float = 240
) -> Ended:
    """Run ``python -m WORDS`` as a person would, with nothing but ``settings`` in its environment."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        env={**environment, **settings},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return Ended(code=process.returncode or 0, out=out.decode(), err=err.decode())


def hes_settings(stack: RunningStack) -> dict[str, str]:
    """Return the environment that makes the simulator speak to this stack's broker."""
    broker = stack.broker
    return {
        "HES_BROKER_URL": broker["url_amqp"],
        "HES_BROKER_USER": broker["user_hes"],
        "HES_BROKER_PASSWORD_FILE": broker["password_file_hes"],
        "HES_DESTINATION": DESTINATION,
    }


def tokens_for_scripts(stack: RunningStack) -> ServiceToken:
    """Return what gets tokens for the stack's account for scripts, from its Keycloak."""
    keycloak = stack.description["keycloak"]
    client = "meterpark-script"
    secret_file = Path(keycloak["client_secret_files"][client])
    fetch = partial(ask_as_service, keycloak["token_url"], client, secret_file, timeout_seconds=10)
    return ServiceToken(fetch, clock=time.monotonic)


async def connect_as_hes(stack: RunningStack) -> Connection:
    broker = stack.broker
    password = await asyncio.to_thread(Path(broker["password_file_hes"]).read_text)
    return await connect(broker["url_amqp"], user=broker["user_hes"], password=password.strip())
