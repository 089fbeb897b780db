"""A sidecar with register and hub behind it, in memory, on a real port."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub_pb2
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import (
    DeviceHubServiceServicer,
    add_DeviceHubServiceServicer_to_server,
)
from meterpark.device_hub.v1.identity_service_pb2 import IdentityConflict
from meterpark.device_hub.v1.identity_service_pb2_grpc import (
    add_IdentityServiceServicer_to_server,
)
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2
from meterpark.smoc.v1.alarm_service_pb2 import Alarm
from meterpark.smoc.v1.alarm_service_pb2_grpc import add_AlarmServiceServicer_to_server
from meterpark.smoc.v1.device_service_pb2_grpc import (
    DeviceServiceServicer,
    add_DeviceServiceServicer_to_server,
)
from meterpark.smoc.v1.job_service_pb2 import Job
from meterpark.smoc.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from meterpark.smoc.v1.view_service_pb2 import View
from meterpark.smoc.v1.view_service_pb2_grpc import add_ViewServiceServicer_to_server
from meterpark.status.v1.status_service_pb2 import GetStatusResponse, Teller
from meterpark.status.v1.status_service_pb2_grpc import (
    StatusServiceServicer,
    add_StatusServiceServicer_to_server,
)

from service_chassis.refusals import CallRefused, trailing_metadata
from tests.specs.cli.alarms_in_memory import AlarmsInMemory
from tests.specs.cli.identities_in_memory import IdentitiesInMemory
from tests.specs.cli.jobs_in_memory import JobsInMemory, ViewsInMemory

RowT = TypeVar("RowT")

FACETS = ("lifecycle", "power", "switch", "communication", "tamper", "firmware")
PIECE_BYTES = 1_000_000
"""How much of a body this hub answers at once; the real one takes other sizes."""

OPEN = quarantine_pb2.QUARANTINE_STATE_OPEN
REQUESTED = quarantine_pb2.QUARANTINE_STATE_REPLAY_REQUESTED
RESOLVED = quarantine_pb2.QUARANTINE_STATE_RESOLVED


def at(text: str) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromJsonString(text)
    return timestamp


@dataclass(slots=True, kw_only=True)
class Services:
    """What register and hub hold, and what goes wrong on the way to them."""

    devices: dict[str, device_pb2.Device] = field(default_factory=dict)
    journal: dict[str, list[hub_pb2.HistoryEntry]] = field(default_factory=dict)
    changes: list[device_service_pb2.Change] = field(default_factory=list)
    quarantine: dict[str, quarantine_pb2.QuarantinedMessage] = field(default_factory=dict)
    most_counted: int = 10_000
    # The connector reads what was asked for after so many looks at the list; None: it is not running.
    read_after_looks: int | None = 2
    mended: set[str] = field(default_factory=set)
    conflicts: dict[str, IdentityConflict] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    # What a service says of its progress, by app id; a service that is not named is well.
    statuses: dict[str, GetStatusResponse] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    # What a service says at its door, by method; and the tokens that came with the calls.
    refusals: dict[str, CallRefused] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    # What the sidecar wants to see of whoever calls it; None: nothing.
    api_token: str | None = None
    down: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def add_device(self, device: device_pb2.Device) -> None:
        self.devices[device.device_id] = device
        self.journal[device.device_id] = [
            hub_pb2.HistoryEntry(revision=revision, report_id=f"{revision:032x}")
            for revision in range(1, device.revision + 1)
        ]

    def add_quarantined(self, message: quarantine_pb2.QuarantinedMessage) -> None:
        self.quarantine[message.quarantine_id] = message

    async def enter(self, app_id: str, method: str, context: Any) -> None:
        """Do what the sidecar does before the app hears of a call."""
        self.calls.append(f"{app_id} {method}")
        sent = dict(context.invocation_metadata())
        self.tokens.append(sent.get("authorization", ""))
        if self.api_token is not None and sent.get("dapr-api-token") != self.api_token:
            await context.abort(
                grpc.StatusCode.UNAUTHENTICATED, "authentication error: api token mismatch"
            )
        asked_for = sent.get("dapr-app-id")
        if asked_for != app_id:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"no such app: {asked_for}")
        if app_id in self.down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, f"couldn't find service: {app_id}")
        if method in self.denied:
            await context.abort(
                grpc.StatusCode.PERMISSION_DENIED,
                "access control policy has denied access to id: spiffe://public/ns/default/someone",
            )
        if method in self.refusals:
            raise self.refusals[method]


def _page(rows: Sequence[RowT], size: int, default: int, token: str) -> tuple[list[RowT], str]:
    if token and not token.isdigit():
        raise CallRefused(
            grpc.StatusCode.INVALID_ARGUMENT,
            ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID,
            "this page token is not one of ours",
        )
    start, size = int(token or 0), size or default
    end = start + size
    return list(rows[start:end]), str(end) if end < len(rows) else ""


def _unknown(device_id: str) -> CallRefused:
    return CallRefused(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
        f"nothing was ever reported about {device_id}",
    )


class _Register(DeviceServiceServicer):
    def __init__(self, services: Services) -> None:
        self._services = services

    async def GetDevice(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "GetDevice", context)
        if request.device_id not in self._services.devices:
            raise _unknown(request.device_id)
        device = self._services.devices[request.device_id]
        return device_service_pb2.GetDeviceResponse(device=device)

    async def BatchGetDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "BatchGetDevices", context)
        known = self._services.devices
        return device_service_pb2.BatchGetDevicesResponse(
            devices=[known[name] for name in request.device_ids if name in known],
            missing=[name for name in request.device_ids if name not in known],
        )

    async def ListDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "ListDevices", context)
        fitting = [
            device
            for _, device in sorted(self._services.devices.items())
            if _fits(device, request.filter)
        ]
        devices, token = _page(fitting, request.page_size, 50, request.page_token)
        return device_service_pb2.ListDevicesResponse(devices=devices, next_page_token=token)

    async def CountDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "CountDevices", context)
        fitting = [each for each in self._services.devices.values() if _fits(each, request.filter)]
        found = Counter(tag for each in fitting for tag in each.tags)
        return device_service_pb2.CountDevicesResponse(
            total_size=len(fitting),
            counts=[
                device_service_pb2.FacetCount(facet="tag", value=tag, device_count=count)
                for tag, count in found.most_common()
            ],
        )

    async def ListDeviceEvents(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "ListDeviceEvents", context)
        if request.device_id not in self._services.devices:
            raise _unknown(request.device_id)
        commits = reversed(self._services.journal[request.device_id])
        kinds = request.filter.kinds
        events = [
            event
            for commit in commits
            for event in reversed(commit.events)
            if not kinds or event.kind in kinds
        ]
        entries, token = _page(events, request.page_size, 50, request.page_token)
        return device_service_pb2.ListDeviceEventsResponse(entries=entries, next_page_token=token)

    async def GetDeviceAt(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "GetDeviceAt", context)
        if request.device_id not in self._services.devices:
            raise _unknown(request.device_id)
        then = device_pb2.Device(device_id=request.device_id, update_time=request.time)
        return device_service_pb2.GetDeviceAtResponse(device=then, incomplete=True)

    async def GetRollout(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "GetRollout", context)
        day = device_service_pb2.RolloutDay(date=request.start_date, installed=1204, discovered=7)
        if request.by_area:
            day.area = request.areas[0]
        return device_service_pb2.GetRolloutResponse(days=[day])

    async def GetCommunicationQuality(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "GetCommunicationQuality", context)
        day = device_service_pb2.CommunicationDay(
            date=request.end_date, devices_in_service=1000, devices_heard=987
        )
        return device_service_pb2.GetCommunicationQualityResponse(days=[day])

    async def GetParkSummary(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "GetParkSummary", context)
        counted: dict[tuple[str, str], int] = {}
        for device in self._services.devices.values():
            for facet in FACETS:
                key = (facet, getattr(device, facet).value)
                counted[key] = counted.get(key, 0) + 1
        now = Timestamp()
        now.GetCurrentTime()
        return device_service_pb2.GetParkSummaryResponse(
            device_count=len(self._services.devices),
            counts=[
                device_service_pb2.FacetCount(facet=facet, value=value, device_count=count)
                for (facet, value), count in counted.items()
            ],
            changes=self._services.changes[: request.change_count],
            as_of_time=now,
        )


def _fits(device: Any, wanted: Any) -> bool:
    facets = {
        "lifecycle": wanted.lifecycles,
        "power": wanted.powers,
        "switch": wanted.switches,
        "communication": wanted.communications,
        "tamper": wanted.tampers,
        "firmware": wanted.firmwares,
    }
    prefix = wanted.text_beginning
    return (
        all(not words or getattr(device, facet).value in words for facet, words in facets.items())
        and (not wanted.networks or device.network in wanted.networks)
        and (not wanted.models or device.model in wanted.models)
        and (not wanted.parents or device.parent in wanted.parents)
        and any(
            text.startswith(prefix)
            for text in (
                *(device.serial_number, device.device_identifier),
                *(each.partition("/")[2] for each in device.joined),
            )
        )
    )


class _Status(StatusServiceServicer):
    """Both services have one; the sidecar sees by the app id which is meant."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def GetStatus(self, request: Any, context: Any) -> Any:  # noqa: N802
        del request
        app_id = dict(context.invocation_metadata()).get("dapr-app-id", "")
        await self._services.enter(app_id, "GetStatus", context)
        return self._services.statuses.get(app_id) or well(app_id)


def well(app_id: str) -> GetStatusResponse:
    """Return the status of a service where nothing waits; a connector tells the hub the same."""
    now = Timestamp()
    now.GetCurrentTime()
    tellers = [
        Teller(
            name="iec-connector at here:1",
            told_time=now,
            started_time=now,
            heard_time=now,
            every_seconds=5,
        )
    ]
    return GetStatusResponse(
        asked_time=now, started_time=now, tellers=tellers if app_id == "device-hub" else []
    )


class _Hub(DeviceHubServiceServicer):
    def __init__(self, services: Services) -> None:
        self._services = services

    async def GetDevice(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "GetDevice", context)
        commits = self._services.journal.get(request.device_id)
        if not commits:
            raise _unknown(request.device_id)
        return hub_pb2.GetDeviceResponse(
            device=device_pb2.Device(device_id=request.device_id, revision=commits[-1].revision)
        )

    async def GetDeviceHistory(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "GetDeviceHistory", context)
        commits = self._services.journal.get(request.device_id)
        if not commits:
            raise _unknown(request.device_id)
        entries, token = _page(commits, request.page_size, 100, request.page_token)
        return hub_pb2.GetDeviceHistoryResponse(entries=entries, next_page_token=token)

    async def ListQuarantinedMessages(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "ListQuarantinedMessages", context)
        if request.state == REQUESTED:
            self._let_the_connector_work()
        fitting = [
            quarantine_pb2.QuarantinedMessage(**_header(message))
            for message in self._services.quarantine.values()
            if request.state in (0, message.state) and request.reason in ("", message.reason)
        ]
        messages, token = _page(fitting, request.page_size, 50, request.page_token)
        return quarantine_pb2.ListQuarantinedMessagesResponse(
            messages=messages,
            next_page_token=token,
            total_count=min(len(fitting), self._services.most_counted),
            total_count_is_minimum=len(fitting) > self._services.most_counted,
        )

    async def GetQuarantinedMessage(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "GetQuarantinedMessage", context)
        message = quarantine_pb2.QuarantinedMessage()
        message.CopyFrom(self._known(request.quarantine_id))
        message.kept_size_bytes = len(message.body)
        message.body = message.body[request.body_offset :][:PIECE_BYTES]
        return quarantine_pb2.GetQuarantinedMessageResponse(message=message)

    async def ReplayQuarantinedMessages(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "ReplayQuarantinedMessages", context)
        if request.all_open:
            wanted = [
                message
                for message in self._services.quarantine.values()
                if message.state == OPEN and request.reason in ("", message.reason)
            ]
        else:
            wanted = [self._known(quarantine_id) for quarantine_id in request.quarantine_ids]
        replayable = [message for message in wanted if not message.truncated]
        for message in replayable:
            message.state = REQUESTED
        return quarantine_pb2.ReplayQuarantinedMessagesResponse(
            requested_count=len(replayable), not_replayable_count=len(wanted) - len(replayable)
        )

    def _known(self, quarantine_id: str) -> quarantine_pb2.QuarantinedMessage:
        if quarantine_id not in self._services.quarantine:
            raise CallRefused(
                grpc.StatusCode.NOT_FOUND,
                ErrorReason.ERROR_REASON_QUARANTINED_MESSAGE_UNKNOWN,
                f"no quarantined message is called {quarantine_id}",
            )
        return self._services.quarantine[quarantine_id]

    def _let_the_connector_work(self) -> None:
        if self._services.read_after_looks is None:
            return
        self._services.read_after_looks -= 1
        if self._services.read_after_looks > 0:
            return
        for message in self._services.quarantine.values():
            if message.state == REQUESTED:
                message.replay_count += 1
                mended = message.quarantine_id in self._services.mended
                message.state = RESOLVED if mended else OPEN


def _header(message: quarantine_pb2.QuarantinedMessage) -> dict[str, Any]:
    return {field.name: value for field, value in message.ListFields() if field.name != "body"}


class _Refusals(grpc.aio.ServerInterceptor):
    """Answers a refusal as our services do: status, detail, and the reason in the trailing metadata."""

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None:
            return None

        async def guarded(request: Any, context: Any) -> Any:
            try:
                return await handler.unary_unary(request, context)
            except CallRefused as refused:
                context.set_trailing_metadata(trailing_metadata(refused))
                await context.abort(refused.status, refused.detail)

        async def guarded_stream(request: Any, context: Any) -> Any:
            try:
                async for answer in handler.unary_stream(request, context):
                    yield answer
            except CallRefused as refused:
                context.set_trailing_metadata(trailing_metadata(refused))
                await context.abort(refused.status, refused.detail)

        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                guarded_stream, handler.request_deserializer, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            guarded, handler.request_deserializer, handler.response_serializer
        )


@asynccontextmanager
async def sidecar_before(services: Services, port: int = 0) -> AsyncIterator[int]:
    """Serve on ``port`` (0: a free one), which is yielded, until the block ends."""
    server = grpc.aio.server(interceptors=[_Refusals()], options=[("grpc.so_reuseport", 0)])
    # The methods that this command never calls are left out.
    add_DeviceServiceServicer_to_server(_Register(services), server)  # type: ignore[abstract]
    add_DeviceHubServiceServicer_to_server(_Hub(services), server)  # type: ignore[abstract]
    add_IdentityServiceServicer_to_server(
        IdentitiesInMemory(services.conflicts, services.enter), server
    )
    add_AlarmServiceServicer_to_server(AlarmsInMemory(services.alarms, services.enter), server)
    add_JobServiceServicer_to_server(JobsInMemory(services.jobs, services.enter), server)
    add_ViewServiceServicer_to_server(ViewsInMemory(services.views, services.enter), server)
    add_StatusServiceServicer_to_server(_Status(services), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)
