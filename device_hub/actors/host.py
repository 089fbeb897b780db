"""Hosting the devices' actors: the stream over which the own sidecar hands turns to this process."""

import functools
from datetime import timedelta
from typing import Any

import grpc.aio
from dapr.actor.runtime.config import ActorRuntimeConfig
from dapr.actor.runtime.grpc_host import ActorGrpcHost
from dapr.actor.runtime.runtime import ActorRuntime

from device_hub.actors.device_actor import DeviceActor, RawBytes
from device_hub.actors.proof import Proof
from device_hub.actors.residents import Residents
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import CHANNEL_OPTIONS, Metadata, to_sidecar


class SidecarHost(ActorGrpcHost):  # type: ignore[misc] # the SDK is untyped
    """The SDK's host on a channel that shows the sidecar's API token in each call, the actors' stream included.

    ``_channel`` is the SDK's own name: it makes a channel when there is none. A test holds it.
    """

    def __init__(self, sidecar: SidecarSettings) -> None:
        address = f"127.0.0.1:{sidecar.dapr_grpc_port}"
        super().__init__(address=address, app_port=0)
        channel = grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS)
        self._channel = _ChannelWithToken(channel, to_sidecar(sidecar))


class _ChannelWithToken:
    """Measured with dapr 1.19.0 on grpcio 1.85.1: without this the sidecar refuses the stream, UNAUTHENTICATED.

    The SDK adds the token by an interceptor that is of two kinds at once, and grpc.aio uses it for the first kind
    only, calls of one answer.
    """

    def __init__(self, channel: grpc.aio.Channel, metadata: Metadata) -> None:
        self._channel = channel
        self._metadata = metadata

    def stream_stream(self, *what: Any, **how: Any) -> Any:
        return functools.partial(self._channel.stream_stream(*what, **how), metadata=self._metadata)

    def unary_unary(self, *what: Any, **how: Any) -> Any:
        # Dapr's actor state goes this way, and the SDK adds no token to a channel that it did not make.
        return functools.partial(self._channel.unary_unary(*what, **how), metadata=self._metadata)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)


async def actor_host(
    residents: Residents, proof: Proof, sidecar: SidecarSettings, *, idle: timedelta
) -> SidecarHost:
    """Return a host of device actors that is ready to run; an actor is forgotten after ``idle`` without a turn."""
    ActorRuntime.set_actor_config(
        ActorRuntimeConfig(
            actor_idle_timeout=idle,
            actor_scan_interval=timedelta(seconds=30),
            # An interrupted turn is sent again, and the journal knows whether it took effect. Waiting for turns to end
            # while actors move has frozen the sidecar for good (docs/decisions/0003).
            drain_rebalanced_actors=False,
        )
    )
    host = SidecarHost(sidecar)
    await host.register_actor(
        DeviceActor,
        message_serializer=RawBytes(),
        actor_factory=lambda context, actor_id: DeviceActor(context, actor_id, residents, proof),
    )
    return host
