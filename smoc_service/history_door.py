"""The questions of DeviceService about the past."""

from collections.abc import Callable
from datetime import datetime

from meterpark.smoc.v1 import device_service_pb2

from service_chassis.caller import current_caller
from smoc_service.device_history import DeviceHistory
from smoc_service.history_requests import read_past_time, read_timeline_filter
from smoc_service.requests import read_page_size
from smoc_service.wire import read_device_id, write_device, write_entry


class HistoryDoor:
    def __init__(self, history: DeviceHistory, now: Callable[[], datetime]) -> None:
        self._history = history
        self._now = now

    async def timeline(
        self, request: device_service_pb2.ListDeviceEventsRequest
    ) -> device_service_pb2.ListDeviceEventsResponse:
        read_device_id(request.device_id, "device_id")
        page = await self._history.timeline(
            request.device_id,
            read_timeline_filter(request.filter),
            current_caller().scope,
            read_page_size(request.page_size),
            request.page_token,
        )
        return device_service_pb2.ListDeviceEventsResponse(
            entries=map(write_entry, page.items), next_page_token=page.next_token
        )

    async def device_at(
        self, request: device_service_pb2.GetDeviceAtRequest
    ) -> device_service_pb2.GetDeviceAtResponse:
        read_device_id(request.device_id, "device_id")
        at = read_past_time(request, self._now())
        then = await self._history.device_at(request.device_id, current_caller().scope, at)
        return device_service_pb2.GetDeviceAtResponse(
            device=write_device(then.device), incomplete=then.incomplete
        )
