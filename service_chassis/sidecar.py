"""Calls to other apps go through the own sidecar, never directly: it carries identity and policy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio

from service_chassis.settings import SidecarSettings

MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024

CHANNEL_OPTIONS: list[tuple[str, int | str]] = [
    ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
    ("grpc.max_send_message_length", MESSAGE_LIMIT_BYTES),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # A sidecar that restarts is back within seconds; do not wait gRPC's default two minutes for it.
    ("grpc.min_reconnect_backoff_ms", 250),
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 3_000),
    # HTTP proxies that the environment names do not apply on the way to the own sidecar.
    ("grpc.enable_http_proxy", 0),
]

Metadata = tuple[tuple[str, str], ...]

# Without this mark daprd buffers streams (docs/decisions/0010).
STREAM: Metadata = (("dapr-stream", "true"),)


@asynccontextmanager
async def open_channel(settings: SidecarSettings) -> AsyncIterator[grpc.aio.Channel]:
    """Open the one channel to the own sidecar; it reconnects by itself."""
    address = f"127.0.0.1:{settings.dapr_grpc_port}"
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        yield channel


def to_sidecar(settings: SidecarSettings) -> Metadata:
    """Return the metadata of a call to the own sidecar itself, its actor API for example."""
    return (("dapr-api-token", settings.dapr_api_token),) if settings.dapr_api_token else ()


def to_app(app_id: str, settings: SidecarSettings, *, stream: bool = False) -> Metadata:
    """Return the metadata that makes the sidecar forward a call to ``app_id``."""
    return (("dapr-app-id", app_id), *(STREAM if stream else ()), *to_sidecar(settings))
