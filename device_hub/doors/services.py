"""The hub's services, put onto a server, and what their callers may learn of errors."""

import grpc
import grpc.aio
from meterpark.device_hub.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import (
    add_DeviceHubServiceServicer_to_server,
)
from meterpark.device_hub.v1.identity_service_pb2_grpc import (
    add_IdentityServiceServicer_to_server,
)
from pymongo.errors import PyMongoError

from device_hub.doors import deeds, device_hub_service, identities
from device_hub.journal.newer import WrittenByNewerHub
from service_chassis.refusals import CallRefused


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


def translate(error: Exception) -> CallRefused | tuple[grpc.StatusCode, str] | None:
    """Return what the caller may learn about an error that reached the door."""
    if isinstance(error, PyMongoError):
        return grpc.StatusCode.UNAVAILABLE, "the journal's database is in trouble, try again"
    if isinstance(error, WrittenByNewerHub):
        return grpc.StatusCode.UNAVAILABLE, f"a newer version of the hub wrote this: {error}"
    return None
