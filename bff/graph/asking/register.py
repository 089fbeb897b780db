"""smoc_service as the bff calls it: the park, its alarms, jobs, notes, views and imports; and who did what."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import grpc.aio
from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceStub
from meterpark.smoc.v1.audit_service_pb2_grpc import AuditServiceStub
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub
from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceStub
from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceStub
from meterpark.smoc.v1.note_service_pb2_grpc import NoteServiceStub
from meterpark.smoc.v1.view_service_pb2_grpc import ViewServiceStub

from bff.graph.asking.peer import Peer, peer
from service_chassis.settings import SidecarSettings

if TYPE_CHECKING:
    from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceAsyncStub
    from meterpark.smoc.v1.audit_service_pb2_grpc import AuditServiceAsyncStub
    from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceAsyncStub
    from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceAsyncStub
    from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceAsyncStub
    from meterpark.smoc.v1.note_service_pb2_grpc import NoteServiceAsyncStub
    from meterpark.smoc.v1.view_service_pb2_grpc import ViewServiceAsyncStub

SMOC_APP_ID: Final = "smoc-service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The methods of smoc_service."""

    peer: Peer
    devices: "DeviceServiceAsyncStub"
    alarms: "AlarmServiceAsyncStub"
    jobs: "JobServiceAsyncStub"
    notes: "NoteServiceAsyncStub"
    views: "ViewServiceAsyncStub"
    imports: "ImportServiceAsyncStub"
    audit: "AuditServiceAsyncStub"


def register_on(
    channel: grpc.aio.Channel, sidecar: SidecarSettings, timeout_seconds: float
) -> Register:
    """Return the register behind ``channel``."""
    return Register(
        peer=peer(SMOC_APP_ID, "the operations centre", sidecar, timeout_seconds),
        devices=DeviceServiceStub(channel),
        alarms=AlarmServiceStub(channel),
        jobs=JobServiceStub(channel),
        notes=NoteServiceStub(channel),
        views=ViewServiceStub(channel),
        imports=ImportServiceStub(channel),
        audit=AuditServiceStub(channel),
    )
