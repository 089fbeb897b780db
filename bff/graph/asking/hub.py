"""device_hub as the bff calls it: journals, quarantine, feeds, messages that are read on trial; and who did what."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import grpc.aio
from meterpark.device_hub.v1.audit_service_pb2_grpc import AuditServiceStub
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub

from bff.graph.asking.peer import Peer, peer
from service_chassis.settings import SidecarSettings

if TYPE_CHECKING:
    from meterpark.device_hub.v1.audit_service_pb2_grpc import AuditServiceAsyncStub
    from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceAsyncStub

HUB_APP_ID: Final = "device-hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The methods of device_hub."""

    peer: Peer
    devices: "DeviceHubServiceAsyncStub"
    audit: "AuditServiceAsyncStub"


def hub_on(channel: grpc.aio.Channel, sidecar: SidecarSettings, timeout_seconds: float) -> Hub:
    """Return the hub behind ``channel``."""
    return Hub(
        peer=peer(HUB_APP_ID, "the device hub", sidecar, timeout_seconds),
        devices=DeviceHubServiceStub(channel),
        audit=AuditServiceStub(channel),
    )
