"""The services that answer the bff's questions, all behind one channel to the own sidecar."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import grpc.aio

from bff.graph.asking.hub import Hub, hub_on
from bff.graph.asking.register import Register, register_on
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import open_channel

_REACHABLE_WITHIN_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    channel: grpc.aio.Channel
    register: Register
    hub: Hub

    async def is_reachable(self) -> bool:
        """Return whether the own sidecar accepts connections."""
        try:
            async with asyncio.timeout(_REACHABLE_WITHIN_SECONDS):
                await self.channel.channel_ready()
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def open_services(
    sidecar: SidecarSettings, timeout_seconds: float
) -> AsyncIterator[Services]:
    """Open the channel to the own sidecar; no call is made yet."""
    async with open_channel(sidecar) as channel:
        yield services_on(channel, sidecar, timeout_seconds)


def services_on(
    channel: grpc.aio.Channel, sidecar: SidecarSettings, timeout_seconds: float
) -> Services:
    """Return the services behind ``channel``; tests give a channel that leads past a sidecar."""
    return Services(
        channel=channel,
        register=register_on(channel, sidecar, timeout_seconds),
        hub=hub_on(channel, sidecar, timeout_seconds),
    )
