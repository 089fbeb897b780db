"""The register's devices in memory: as much of them as the command can tell apart."""

from collections import Counter
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2
from meterpark.smoc.v1.device_service_pb2_grpc import (
    DeviceServiceServicer,
)

from service_chassis.refusals import CallRefused
from tests.specs.cli.held import (
    FACETS,
    Services,
    page_of,
    unknown,
)


class RegisterInMemory(DeviceServiceServicer):
    def __init__(self, services: Services) -> None:
        self._services = services

    async def GetDevice(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "GetDevice", context)
        if request.device_id not in self._services.devices:
            raise unknown(request.device_id)
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
        devices, token = page_of(fitting, request.page_size, 50, request.page_token)
        return device_service_pb2.ListDevicesResponse(devices=devices, next_page_token=token)

    async def WatchDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Show every device that fits behind the position, which is a number; then end."""
        await self._services.enter("smoc-service", "WatchDevices", context)
        if request.position and not request.position.isdigit():
            raise CallRefused(
                grpc.StatusCode.OUT_OF_RANGE,
                ErrorReason.ERROR_REASON_POSITION_TOO_OLD,
                "position: older than the kept changes; list again",
            )
        seen = int(request.position or 0)
        yield device_service_pb2.WatchDevicesResponse(position=str(seen))
        for place, device in enumerate(self._services.devices.values(), 1):
            if place > seen and _fits(device, request.filter):
                yield device_service_pb2.WatchDevicesResponse(device=device, position=str(place))

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
            raise unknown(request.device_id)
        commits = reversed(self._services.journal[request.device_id])
        kinds = request.filter.kinds
        events = [
            event
            for commit in commits
            for event in reversed(commit.events)
            if not kinds or event.kind in kinds
        ]
        entries, token = page_of(events, request.page_size, 50, request.page_token)
        return device_service_pb2.ListDeviceEventsResponse(entries=entries, next_page_token=token)

    async def GetDeviceAt(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._services.enter("smoc-service", "GetDeviceAt", context)
        if request.device_id not in self._services.devices:
            raise unknown(request.device_id)
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
