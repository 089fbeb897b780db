"""DeviceHubService: what the contract says, checked and handed on. No decision is taken here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import grpc.aio
import structlog
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import device_hub_service_pb2_grpc as hub_grpc
from meterpark.device_hub.v1 import feed_pb2, reading_pb2
from meterpark.device_hub.v1 import quarantine_pb2 as contract
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from device_hub.doors.archive import Archive, DeviceUnknown
from device_hub.doors.feeds import FeedsDoor
from device_hub.doors.quarantine import QuarantineDoor
from device_hub.doors.readings import ReadingsDoor
from device_hub.status.progress import RecordsReports, Tellers
from device_hub.wire.devices import history_page, to_device
from device_hub.wire.reports import TimeOutOfRange, from_timestamp
from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size, resumed_at, seal
from service_chassis.refusals import CallRefused, argument_invalid

log = structlog.get_logger()

Context = grpc.aio.ServicerContext[Any, Any]

# As large as a number in the database can be.
_LARGEST_REVISION = 2**63 - 1

SERVICE = "meterpark.device_hub.v1.DeviceHubService"


@dataclass(frozen=True, slots=True)
class DeviceHub(hub_grpc.DeviceHubServiceServicer):
    door: RecordsReports
    shipments: RecordsReports
    archive: Archive
    quarantine: QuarantineDoor
    tellers: Tellers
    feeds: FeedsDoor
    readings: ReadingsDoor

    async def RecordReports(  # noqa: N802
        self, request: hub.RecordReportsRequest, context: Context
    ) -> hub.RecordReportsResponse:
        del context
        return hub.RecordReportsResponse(verdicts=await self.door.record(request.reports))

    async def RecordShipments(  # noqa: N802
        self, request: hub.RecordShipmentsRequest, context: Context
    ) -> hub.RecordShipmentsResponse:
        del context
        return hub.RecordShipmentsResponse(verdicts=await self.shipments.record(request.reports))

    async def GetDevice(  # noqa: N802
        self, request: hub.GetDeviceRequest, context: Context
    ) -> hub.GetDeviceResponse:
        del context
        scope = current_caller().scope
        try:
            if request.HasField("true_time"):
                at = _time(request.true_time)
                device, commit = await self.archive.device_true_at(request.device_id, scope, at)
            else:
                device, commit = await self.archive.device(request.device_id, scope)
        except DeviceUnknown as error:
            raise _device_unknown(request.device_id) from error
        return hub.GetDeviceResponse(
            device=to_device(device, commit["revision"], commit["committed_at"])
        )

    async def GetDeviceHistory(  # noqa: N802
        self, request: hub.GetDeviceHistoryRequest, context: Context
    ) -> hub.GetDeviceHistoryResponse:
        del context
        size = read_page_size(request.page_size, by_default=100)
        question = f"history of {request.device_id}"
        [after] = resumed_at(question, request.page_token, 1) or (read_revision(request),)
        try:
            commits = await self.archive.commits(
                request.device_id, current_caller().scope, after=after, limit=size + 1
            )
        except DeviceUnknown as error:
            raise _device_unknown(request.device_id) from error
        entries, last = history_page(commits, size, stored=request.with_stored_events)
        token = seal(question, last) if last else ""
        return hub.GetDeviceHistoryResponse(entries=entries, next_page_token=token)

    async def QuarantineMessages(  # noqa: N802
        self, request: contract.QuarantineMessagesRequest, context: Context
    ) -> contract.QuarantineMessagesResponse:
        del context
        return await self.quarantine.store(request)

    async def ListQuarantinedMessages(  # noqa: N802
        self, request: contract.ListQuarantinedMessagesRequest, context: Context
    ) -> contract.ListQuarantinedMessagesResponse:
        del context
        return await self.quarantine.list_(request)

    async def GetQuarantinedMessage(  # noqa: N802
        self, request: contract.GetQuarantinedMessageRequest, context: Context
    ) -> contract.GetQuarantinedMessageResponse:
        del context
        return await self.quarantine.get(request)

    async def ReplayQuarantinedMessages(  # noqa: N802
        self, request: contract.ReplayQuarantinedMessagesRequest, context: Context
    ) -> contract.ReplayQuarantinedMessagesResponse:
        del context
        return await self.quarantine.replay(request)

    async def GetReplay(  # noqa: N802
        self, request: contract.GetReplayRequest, context: Context
    ) -> contract.GetReplayResponse:
        del context
        return await self.quarantine.get_replay(request)

    async def CountQuarantinedMessages(  # noqa: N802
        self, request: contract.CountQuarantinedMessagesRequest, context: Context
    ) -> contract.CountQuarantinedMessagesResponse:
        del request, context
        return await self.quarantine.count()

    async def ListFeeds(  # noqa: N802
        self, request: feed_pb2.ListFeedsRequest, context: Context
    ) -> feed_pb2.ListFeedsResponse:
        del request, context
        return await self.feeds.list_()

    async def RequestReading(  # noqa: N802
        self, request: reading_pb2.RequestReadingRequest, context: Context
    ) -> reading_pb2.RequestReadingResponse:
        del context
        return await self.readings.request(request)

    async def GetReading(  # noqa: N802
        self, request: reading_pb2.GetReadingRequest, context: Context
    ) -> reading_pb2.GetReadingResponse:
        del context
        return await self.readings.get(request)

    async def ClaimReadings(  # noqa: N802
        self, request: reading_pb2.ClaimReadingsRequest, context: Context
    ) -> reading_pb2.ClaimReadingsResponse:
        del request, context
        return await self.readings.claim()

    async def CompleteReading(  # noqa: N802
        self, request: reading_pb2.CompleteReadingRequest, context: Context
    ) -> reading_pb2.CompleteReadingResponse:
        del context
        return await self.readings.complete(request)

    async def ClaimReplays(  # noqa: N802
        self, request: contract.ClaimReplaysRequest, context: Context
    ) -> contract.ClaimReplaysResponse:
        del context
        return await self.quarantine.claim(request)

    async def ReadReplayBody(  # noqa: N802
        self, request: contract.ReadReplayBodyRequest, context: Context
    ) -> contract.ReadReplayBodyResponse:
        del context
        return await self.quarantine.read_body(request)

    async def CompleteReplays(  # noqa: N802
        self, request: contract.CompleteReplaysRequest, context: Context
    ) -> contract.CompleteReplaysResponse:
        del context
        return await self.quarantine.complete(request)

    async def TellProgress(  # noqa: N802
        self, request: hub.TellProgressRequest, context: Context
    ) -> hub.TellProgressResponse:
        del context
        self.tellers.hear(request.teller, ends=request.ends)
        await self.feeds.hear(request.teller.name, request.feeds, ends=request.ends)
        return hub.TellProgressResponse()


def read_revision(request: hub.GetDeviceHistoryRequest) -> int:
    """Return behind which revision the history is wanted; refuse what no database holds."""
    if request.after_revision > _LARGEST_REVISION:
        raise argument_invalid("after_revision", f"{request.after_revision} is no revision")
    return request.after_revision


def _time(said: Timestamp) -> datetime:
    try:
        return from_timestamp(said)
    except TimeOutOfRange as error:
        raise argument_invalid("true_time", str(error)) from error


def _device_unknown(device_id: str) -> CallRefused:
    return CallRefused(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
        f"nothing was ever reported about device {device_id!r}",
    )
