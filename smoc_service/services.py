"""The register's doors: ProvisioningService for the hub, DeviceService (and AlarmService) for other callers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import grpc
import grpc.aio
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import (
    alarm_service_pb2,
    alarm_service_pb2_grpc,
    audit_service_pb2,
    audit_service_pb2_grpc,
    device_service_pb2,
    device_service_pb2_grpc,
    import_service_pb2,
    import_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
    note_service_pb2,
    note_service_pb2_grpc,
    provisioning_service_pb2,
    provisioning_service_pb2_grpc,
    view_service_pb2,
    view_service_pb2_grpc,
)
from pymongo.errors import ExecutionTimeout, PyMongoError

from service_chassis.refusals import CallRefused, argument_invalid
from service_deeds.store import DeedStore
from service_traces.traces import OFF, Traces
from smoc_service.alarms.affected import AffectedDevices
from smoc_service.alarms.core.life import CommandRefused
from smoc_service.alarms.door import AlarmDoor, refusal
from smoc_service.alarms.load import AlarmLoads
from smoc_service.alarms.store import AlarmStore
from smoc_service.deeds.door import AuditDoor
from smoc_service.device_door import DeviceDoor
from smoc_service.errors import (
    AlarmUnknown,
    ChunkOffsetWrong,
    DeviceUnknown,
    ImportUnknown,
    JobUnknown,
    ParkNotLoaded,
    PositionInvalid,
    PositionTooOld,
    RequestReused,
    TooMany,
    TooManyQuestions,
    TooManyWatchers,
    ViewChanged,
    ViewNameTaken,
    ViewUnknown,
    WatchClosed,
    WatchInterrupted,
)
from smoc_service.export.export import DeviceExport
from smoc_service.history.device_history import DeviceHistory
from smoc_service.history.door import HistoryDoor
from smoc_service.history.park_history import ParkHistory
from smoc_service.imports.core.shipment_import import ImportStateRefused
from smoc_service.imports.door import ImportDoor
from smoc_service.imports.store import ImportStore
from smoc_service.jobs.core.job import JobStateRefused
from smoc_service.jobs.door import JobDoor
from smoc_service.jobs.store import JobStore
from smoc_service.notes.door import NoteDoor
from smoc_service.notes.store import NoteStore
from smoc_service.park.door import ClusterDoor
from smoc_service.park.park import Park
from smoc_service.park.search import Search
from smoc_service.park.summary import ParkSummaries
from smoc_service.register.door import ProvisioningDoor
from smoc_service.register.register import Register
from smoc_service.views.door import ViewDoor
from smoc_service.views.preferences import PreferenceStore
from smoc_service.views.store import ViewStore
from smoc_service.watches import Watches

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The parts behind the services."""

    register: Register
    park: Park
    search: Search
    summaries: ParkSummaries
    watches: Watches
    alarms: AlarmStore
    deeds: DeedStore
    affected: AffectedDevices
    alarm_loads: AlarmLoads
    history: DeviceHistory
    export: DeviceExport
    imports: ImportStore
    park_history: ParkHistory
    jobs: JobStore
    notes: NoteStore
    views: ViewStore
    preferences: PreferenceStore
    now: Callable[[], datetime]
    traces: Traces = OFF


def add_services(server: grpc.aio.Server, doors: Doors) -> list[str]:
    """Register the services; return their full names for the health service."""
    provisioning_service_pb2_grpc.add_ProvisioningServiceServicer_to_server(
        ProvisioningDoor(doors.register, doors.traces), server
    )
    device_service_pb2_grpc.add_DeviceServiceServicer_to_server(
        DeviceDoor(
            search=doors.search,
            clusters=ClusterDoor(doors.park, doors.search),
            summaries=doors.summaries,
            watches=doors.watches,
            history=HistoryDoor(doors.history, doors.park_history, doors.now),
            export=doors.export,
            traces=doors.traces,
        ),
        server,
    )
    alarm_service_pb2_grpc.add_AlarmServiceServicer_to_server(
        AlarmDoor(doors.alarms, doors.affected, doors.alarm_loads, doors.watches.alarms, doors.now),
        server,
    )
    audit_service_pb2_grpc.add_AuditServiceServicer_to_server(AuditDoor(doors.deeds), server)
    import_service_pb2_grpc.add_ImportServiceServicer_to_server(
        ImportDoor(doors.imports, doors.now), server
    )
    job_service_pb2_grpc.add_JobServiceServicer_to_server(JobDoor(doors.jobs, doors.now), server)
    note_service_pb2_grpc.add_NoteServiceServicer_to_server(
        NoteDoor(doors.notes, doors.search, doors.now), server
    )
    view_service_pb2_grpc.add_ViewServiceServicer_to_server(
        ViewDoor(doors.views, doors.preferences, doors.now), server
    )
    return [
        descriptor.services_by_name[name].full_name
        for descriptor, name in (
            (provisioning_service_pb2.DESCRIPTOR, "ProvisioningService"),
            (device_service_pb2.DESCRIPTOR, "DeviceService"),
            (alarm_service_pb2.DESCRIPTOR, "AlarmService"),
            (audit_service_pb2.DESCRIPTOR, "AuditService"),
            (import_service_pb2.DESCRIPTOR, "ImportService"),
            (job_service_pb2.DESCRIPTOR, "JobService"),
            (note_service_pb2.DESCRIPTOR, "NoteService"),
            (view_service_pb2.DESCRIPTOR, "ViewService"),
        )
    ]


# What says all in its text.
_REFUSED: Final[Mapping[type[Exception], tuple[grpc.StatusCode, ErrorReason.ValueType]]] = {
    PositionTooOld: (
        grpc.StatusCode.OUT_OF_RANGE,
        ErrorReason.ERROR_REASON_POSITION_TOO_OLD,
    ),
    RequestReused: (
        grpc.StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_REQUEST_ID_REUSED,
    ),
    TooMany: (grpc.StatusCode.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_MANY),
    JobUnknown: (grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_JOB_UNKNOWN),
    JobStateRefused: (
        grpc.StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_JOB_STATE_REFUSED,
    ),
    ViewUnknown: (grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_VIEW_UNKNOWN),
    ViewNameTaken: (
        grpc.StatusCode.ALREADY_EXISTS,
        ErrorReason.ERROR_REASON_VIEW_NAME_TAKEN,
    ),
    ViewChanged: (grpc.StatusCode.ABORTED, ErrorReason.ERROR_REASON_VIEW_CHANGED),
    ImportUnknown: (grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_IMPORT_UNKNOWN),
    ImportStateRefused: (
        grpc.StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_IMPORT_STATE_REFUSED,
    ),
}


def translate(error: Exception) -> CallRefused | tuple[grpc.StatusCode, str] | None:
    """Say whose fault an error is; None for a defect of our own."""
    if type(error) in _REFUSED:
        status, reason = _REFUSED[type(error)]
        return CallRefused(status, reason, str(error))
    match error:
        case DeviceUnknown():
            return CallRefused(
                grpc.StatusCode.NOT_FOUND,
                ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
                str(error),
                device_id=error.device_id,
            )
        case AlarmUnknown() | CommandRefused():
            return refusal(error)
        case ChunkOffsetWrong():
            return CallRefused(
                grpc.StatusCode.INVALID_ARGUMENT,
                ErrorReason.ERROR_REASON_CHUNK_OFFSET_WRONG,
                str(error),
                field="offset",
                offset=str(error.offset),
            )
        case PositionInvalid():
            return argument_invalid("position", str(error))
        case TooManyWatchers() | TooManyQuestions():
            return grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)
        case ParkNotLoaded() | WatchClosed() | WatchInterrupted():
            return grpc.StatusCode.UNAVAILABLE, str(error)
        case ExecutionTimeout():
            return grpc.StatusCode.DEADLINE_EXCEEDED, "the question took the database too long"
        case PyMongoError():
            detail = f"{type(error).__name__}: {error}"
            return grpc.StatusCode.UNAVAILABLE, f"register's database in trouble: {detail[:200]}"
        case _:
            return None
