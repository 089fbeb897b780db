"""The hub in memory: histories of devices, feeds, and the quarantine."""

from typing import Any

import grpc
import grpc.aio
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub_pb2
from meterpark.device_hub.v1 import feed_pb2, quarantine_pb2
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import (
    DeviceHubServiceServicer,
)
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2

from service_chassis.refusals import CallRefused
from tests.specs.cli.held import (
    OPEN,
    PIECE_BYTES,
    REQUESTED,
    RESOLVED,
    Services,
    at,
    page_of,
    unknown,
)


class HubInMemory(DeviceHubServiceServicer):
    def __init__(self, services: Services) -> None:
        self._services = services

    async def GetDevice(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "GetDevice", context)
        commits = self._services.journal.get(request.device_id)
        if not commits:
            raise unknown(request.device_id)
        device = device_pb2.Device(device_id=request.device_id, revision=commits[-1].revision)
        if request.HasField("true_time"):
            device.power.value = "OFF"
            device.power.as_of_time.CopyFrom(request.true_time)
        return hub_pb2.GetDeviceResponse(device=device)

    async def GetDeviceHistory(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "GetDeviceHistory", context)
        commits = self._services.journal.get(request.device_id)
        if not commits:
            raise unknown(request.device_id)
        behind = [commit for commit in commits if commit.revision > request.after_revision]
        entries, token = page_of(behind, request.page_size, 100, request.page_token)
        return hub_pb2.GetDeviceHistoryResponse(entries=entries, next_page_token=token)

    async def ListFeeds(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        await self._services.enter("device-hub", "ListFeeds", context)
        most = self._services.most_feeds
        return feed_pb2.ListFeedsResponse(
            feeds=self._services.feeds[:most],
            asked_time=at("2026-03-01T09:00:03Z"),
            is_cut=len(self._services.feeds) > most,
        )

    async def ListQuarantinedMessages(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("device-hub", "ListQuarantinedMessages", context)
        if request.state == REQUESTED:
            self._let_the_connector_work()
        fitting = [
            quarantine_pb2.QuarantinedMessage(**_header(message))
            for message in self._services.quarantine.values()
            if request.state in (0, message.state) and request.reason in ("", message.reason)
        ]
        messages, token = page_of(fitting, request.page_size, 50, request.page_token)
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
