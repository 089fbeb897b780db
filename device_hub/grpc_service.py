"""DeviceHubService: what the contract says, checked and handed on. No decision is taken here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import grpc.aio
import structlog
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import device_hub_service_pb2_grpc as hub_grpc
from meterpark.device_hub.v1 import quarantine_pb2 as quarantine_contract
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from device_hub.archive import Archive, DeviceUnknown
from device_hub.progress import RecordsReports, Tellers
from device_hub.published import history_entry, to_device
from device_hub.quarantine import PageTokenInvalid, Quarantine, QuarantinedMessageUnknown
from device_hub.quarantine_wire import to_document, to_message, to_state
from device_hub.shipments_door import ShipmentsDoor
from service_chassis.caller import current_caller
from service_chassis.refusals import CallRefused, argument_invalid
from service_status.hop import Hop

log = structlog.get_logger()

Context = grpc.aio.ServicerContext[Any, Any]

SERVICE = "meterpark.device_hub.v1.DeviceHubService"
_PAGE_LIMIT = 500
_QUARANTINE_BATCH_LIMIT = 100
_CLAIM_LIMIT = 20


@dataclass(frozen=True, slots=True)
class DeviceHub(hub_grpc.DeviceHubServiceServicer):
    door: RecordsReports
    shipments: ShipmentsDoor
    archive: Archive
    quarantine: Quarantine
    tellers: Tellers
    replays: Hop
    now: Callable[[], datetime]

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
        try:
            device, commit = await self.archive.device(request.device_id, current_caller().scope)
        except DeviceUnknown as error:
            raise _device_unknown(request.device_id) from error
        return hub.GetDeviceResponse(
            device=to_device(device, commit["revision"], commit["committed_at"])
        )

    async def GetDeviceHistory(  # noqa: N802
        self, request: hub.GetDeviceHistoryRequest, context: Context
    ) -> hub.GetDeviceHistoryResponse:
        del context
        size = _page_size(request.page_size, default=100)
        after = _revision_of(request.page_token)
        try:
            commits = await self.archive.commits(
                request.device_id, current_caller().scope, after=after, limit=size + 1
            )
        except DeviceUnknown as error:
            raise _device_unknown(request.device_id) from error
        page = commits[:size]
        token = str(page[-1]["revision"]) if len(commits) > size else ""
        return hub.GetDeviceHistoryResponse(
            entries=[history_entry(commit) for commit in page], next_page_token=token
        )

    async def QuarantineMessages(  # noqa: N802
        self, request: quarantine_contract.QuarantineMessagesRequest, context: Context
    ) -> quarantine_contract.QuarantineMessagesResponse:
        del context
        if not request.messages:
            raise argument_invalid("messages", "the batch is empty")
        if len(request.messages) > _QUARANTINE_BATCH_LIMIT:
            raise CallRefused(
                grpc.StatusCode.INVALID_ARGUMENT,
                ErrorReason.ERROR_REASON_BATCH_TOO_LARGE,
                f"{len(request.messages)} messages, {_QUARANTINE_BATCH_LIMIT} are allowed",
            )
        at = self.now()
        documents = [to_document(message, at) for message in request.messages]
        await self.quarantine.store(documents, at)
        for document in documents:
            log.info(
                "message quarantined",
                quarantine_id=document["_id"],
                source=document["source"],
                network=document["network"],
                reason=document["reason"],
            )
        return quarantine_contract.QuarantineMessagesResponse(stored_count=len(documents))

    async def ListQuarantinedMessages(  # noqa: N802
        self, request: quarantine_contract.ListQuarantinedMessagesRequest, context: Context
    ) -> quarantine_contract.ListQuarantinedMessagesResponse:
        del context
        try:
            page = await self.quarantine.page(
                current_caller().scope,
                state=to_state(request.state),
                reason=request.reason or None,
                page_size=_page_size(request.page_size, default=50),
                page_token=request.page_token,
            )
        except PageTokenInvalid as error:
            raise _page_token_invalid() from error
        return quarantine_contract.ListQuarantinedMessagesResponse(
            messages=[to_message(document) for document in page.messages],
            next_page_token=page.next_page_token,
            total_count=page.total_count,
        )

    async def GetQuarantinedMessage(  # noqa: N802
        self, request: quarantine_contract.GetQuarantinedMessageRequest, context: Context
    ) -> quarantine_contract.GetQuarantinedMessageResponse:
        del context
        try:
            found = await self.quarantine.get(request.quarantine_id, current_caller().scope)
        except QuarantinedMessageUnknown as error:
            raise _message_unknown(request.quarantine_id) from error
        return quarantine_contract.GetQuarantinedMessageResponse(message=to_message(found))

    async def ReplayQuarantinedMessages(  # noqa: N802
        self, request: quarantine_contract.ReplayQuarantinedMessagesRequest, context: Context
    ) -> quarantine_contract.ReplayQuarantinedMessagesResponse:
        del context
        if bool(request.quarantine_ids) == request.all_open:
            raise argument_invalid("quarantine_ids", "give either ids or all_open")
        try:
            asked, not_replayable = await self.quarantine.request_replay(
                request.quarantine_ids,
                current_caller().scope,
                all_open=request.all_open,
                reason=request.reason,
                at=self.now(),
            )
        except QuarantinedMessageUnknown as error:
            raise _message_unknown(str(error)) from error
        return quarantine_contract.ReplayQuarantinedMessagesResponse(
            requested_count=asked, not_replayable_count=not_replayable
        )

    async def ClaimReplays(  # noqa: N802
        self, request: quarantine_contract.ClaimReplaysRequest, context: Context
    ) -> quarantine_contract.ClaimReplaysResponse:
        del context
        if not 1 <= request.limit <= _CLAIM_LIMIT:
            raise argument_invalid("limit", f"must be 1 to {_CLAIM_LIMIT}")
        claimed = await self.quarantine.claim(request.limit, self.now())
        return quarantine_contract.ClaimReplaysResponse(
            replays=[
                quarantine_contract.ClaimedReplay(message=to_message(one), lease=one["lease"])
                for one in claimed
            ]
        )

    async def CompleteReplays(  # noqa: N802
        self, request: quarantine_contract.CompleteReplaysRequest, context: Context
    ) -> quarantine_contract.CompleteReplaysResponse:
        del context
        at = self.now()
        for one in request.replays:
            if one.resolved:
                await self.quarantine.complete(one.quarantine_id, one.lease, at)
            else:
                await self.quarantine.fail_again(
                    one.quarantine_id,
                    one.lease,
                    reason=one.reason,
                    detail=one.detail,
                    place=one.place,
                    at=at,
                )
        if request.replays:
            self.replays.did(len(request.replays))
        return quarantine_contract.CompleteReplaysResponse()

    async def TellProgress(  # noqa: N802
        self, request: hub.TellProgressRequest, context: Context
    ) -> hub.TellProgressResponse:
        del context
        self.tellers.hear(request.teller, ends=request.ends)
        return hub.TellProgressResponse()


def _page_size(asked: int, *, default: int) -> int:
    if not 0 <= asked <= _PAGE_LIMIT:
        raise argument_invalid("page_size", f"must be 0 to {_PAGE_LIMIT}, is {asked}")
    return asked or default


def _revision_of(page_token: str) -> int:
    if not page_token:
        return 0
    if not page_token.isascii() or not page_token.isdigit() or len(page_token) > 18:  # noqa: PLR2004
        raise _page_token_invalid()
    return int(page_token)


def _page_token_invalid() -> CallRefused:
    return CallRefused(
        grpc.StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID,
        "page_token: was not made by this service",
        field="page_token",
    )


def _device_unknown(device_id: str) -> CallRefused:
    return CallRefused(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
        f"nothing was ever reported about device {device_id!r}",
    )


def _message_unknown(quarantine_id: str) -> CallRefused:
    return CallRefused(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_QUARANTINED_MESSAGE_UNKNOWN,
        f"no quarantined message is called {quarantine_id!r}",
    )
