"""The questions of DeviceService about the past."""

from collections.abc import Callable
from datetime import datetime

from meterpark.smoc.v1 import device_service_pb2

from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from smoc_service.door.reading import read_device_id
from smoc_service.history.device_history import DeviceHistory
from smoc_service.history.park_history import ParkHistory
from smoc_service.history.questions import read_days, read_past_time, read_timeline_filter
from smoc_service.register.milestones import date_of
from smoc_service.register.wire import write_device, write_entry


class HistoryDoor:
    def __init__(
        self, history: DeviceHistory, park: ParkHistory, now: Callable[[], datetime]
    ) -> None:
        self._history = history
        self._park = park
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

    async def rollout(
        self, request: device_service_pb2.GetRolloutRequest
    ) -> device_service_pb2.GetRolloutResponse:
        found = await self._park.rollout(read_days(request), current_caller().scope)
        return device_service_pb2.GetRolloutResponse(
            days=[
                device_service_pb2.RolloutDay(date=date_of(day).isoformat(), area=area, **counts)
                for day, area, counts in found
            ]
        )

    async def communication(
        self, request: device_service_pb2.GetCommunicationQualityRequest
    ) -> device_service_pb2.GetCommunicationQualityResponse:
        found = await self._park.communication(read_days(request), current_caller().scope)
        return device_service_pb2.GetCommunicationQualityResponse(
            days=[
                device_service_pb2.CommunicationDay(
                    date=date_of(day).isoformat(),
                    area=area,
                    devices_in_service=counts["serving"],
                    devices_heard=counts["heard"],
                )
                for day, area, counts in found
            ]
        )
