"""The hub's services, put onto a server."""

import grpc.aio
from meterpark.device_hub.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import (
    add_DeviceHubServiceServicer_to_server,
)
from meterpark.device_hub.v1.identity_service_pb2_grpc import (
    add_IdentityServiceServicer_to_server,
)

from device_hub.doors import deeds, device_hub_service, identities


def add_services(
    server: grpc.aio.Server,
    hub: device_hub_service.DeviceHub,
    identity: identities.IdentityDoor,
    audit: deeds.AuditDoor,
) -> list[str]:
    """Register the services; return their full names for the health service."""
    add_DeviceHubServiceServicer_to_server(hub, server)
    add_IdentityServiceServicer_to_server(identity, server)
    add_AuditServiceServicer_to_server(audit, server)
    return [device_hub_service.SERVICE, identities.SERVICE, deeds.SERVICE]
