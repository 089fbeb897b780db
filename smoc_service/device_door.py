"""DeviceService: what people and other systems ask about devices and the park."""

# ruff: noqa: N802, ARG002 - names and arguments of the methods are the contract's

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
import grpc.aio
from meterpark.smoc.v1 import device_service_pb2, device_service_pb2_grpc

from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from service_traces.traces import OFF, Traces
from smoc_service.door.reading import read_device_id, too_large_together
from smoc_service.export import door as export_door
from smoc_service.export.export import DeviceExport
from smoc_service.history.door import HistoryDoor
from smoc_service.park.door import ClusterDoor
from smoc_service.park.questions import read_dimensions, read_filter, read_order
from smoc_service.park.search import Search, fitting_devices
from smoc_service.park.summary import ParkSummaries
from smoc_service.park.wire import cut_dimensions, write_counts, write_summary
from smoc_service.register.device import FACETS
from smoc_service.register.requests import read_change_count, read_device_ids
from smoc_service.register.wire import write_device
from smoc_service.traces import SHOW
from smoc_service.watches import Watches

Context = grpc.aio.ServicerContext[Any, Any]


class DeviceDoor(device_service_pb2_grpc.DeviceServiceServicer):
    def __init__(
        self,
        *,
        search: Search,
        clusters: ClusterDoor,
        summaries: ParkSummaries,
        watches: Watches,
        history: HistoryDoor,
        export: DeviceExport,
        traces: Traces = OFF,
    ) -> None:
        self._search = search
        self._clusters = clusters
        self._summaries = summaries
        self._watches = watches
        self._history = history
        self._export = export
        self._traces = traces

    async def GetDevice(
        self, request: device_service_pb2.GetDeviceRequest, context: Context
    ) -> device_service_pb2.GetDeviceResponse:
        read_device_id(request.device_id, "device_id")
        device = await self._search.device(request.device_id, current_caller().scope)
        return device_service_pb2.GetDeviceResponse(device=write_device(device))

    async def BatchGetDevices(
        self, request: device_service_pb2.BatchGetDevicesRequest, context: Context
    ) -> device_service_pb2.BatchGetDevicesResponse:
        devices, missing = await self._search.devices(
            read_device_ids(request), current_caller().scope
        )
        fitting = fitting_devices(devices)
        if fitting < len(devices):
            raise too_large_together("device_ids", fitting)
        return device_service_pb2.BatchGetDevicesResponse(
            devices=map(write_device, devices), missing=missing
        )

    async def ListDevices(
        self, request: device_service_pb2.ListDevicesRequest, context: Context
    ) -> device_service_pb2.ListDevicesResponse:
        page = await self._search.page(
            read_filter(request.filter),
            current_caller().scope,
            read_order(request.order_by),
            read_page_size(request.page_size),
            request.page_token,
        )
        return device_service_pb2.ListDevicesResponse(
            devices=map(write_device, page.items),
            next_page_token=page.next_token,
            total_size=page.total_size,
        )

    async def CountDevices(
        self, request: device_service_pb2.CountDevicesRequest, context: Context
    ) -> device_service_pb2.CountDevicesResponse:
        found = await self._search.counts(
            read_filter(request.filter),
            current_caller().scope,
            read_dimensions(request.dimensions),
        )
        return device_service_pb2.CountDevicesResponse(
            total_size=found.total_size,
            counts=write_counts(found.counts),
            cut_dimensions=cut_dimensions(found.counts),
        )

    async def ListPlaceClusters(
        self, request: device_service_pb2.ListPlaceClustersRequest, context: Context
    ) -> device_service_pb2.ListPlaceClustersResponse:
        return await self._clusters.clusters(request)

    async def ExportDevices(
        self, request: device_service_pb2.ExportDevicesRequest, context: Context
    ) -> AsyncIterator[device_service_pb2.ExportDevicesResponse]:
        async for answer in export_door.answers(self._export, request, current_caller()):
            yield answer

    async def ListDeviceEvents(
        self, request: device_service_pb2.ListDeviceEventsRequest, context: Context
    ) -> device_service_pb2.ListDeviceEventsResponse:
        return await self._history.timeline(request)

    async def GetParkSummary(
        self, request: device_service_pb2.GetParkSummaryRequest, context: Context
    ) -> device_service_pb2.GetParkSummaryResponse:
        summary = await self._summaries.summary(
            read_dimensions(request.dimensions) or tuple(FACETS),
            read_change_count(request.change_count),
            current_caller().scope,
        )
        return write_summary(summary)

    async def WatchDevices(
        self, request: device_service_pb2.WatchDevicesRequest, context: Context
    ) -> AsyncIterator[device_service_pb2.WatchDevicesResponse]:
        caller = current_caller()
        visible = read_filter(request.filter).within(caller.scope)
        async with aclosing(
            self._watches.devices.follow(visible, request.position, caller.subject)
        ) as answers:
            async for answer in answers:
                with self._traces.within(SHOW, answer.traceparent) as span:
                    yield device_service_pb2.WatchDevicesResponse(
                        device=None if answer.item is None else write_device(answer.item),
                        position=answer.position,
                        traceparent=span.traceparent,
                    )

    async def GetDeviceAt(
        self, request: device_service_pb2.GetDeviceAtRequest, context: Context
    ) -> device_service_pb2.GetDeviceAtResponse:
        return await self._history.device_at(request)

    async def GetRollout(
        self, request: device_service_pb2.GetRolloutRequest, context: Context
    ) -> device_service_pb2.GetRolloutResponse:
        return await self._history.rollout(request)

    async def GetCommunicationQuality(
        self, request: device_service_pb2.GetCommunicationQualityRequest, context: Context
    ) -> device_service_pb2.GetCommunicationQualityResponse:
        return await self._history.communication(request)

    async def WatchParkSummary(
        self, request: device_service_pb2.WatchParkSummaryRequest, context: Context
    ) -> AsyncIterator[device_service_pb2.WatchParkSummaryResponse]:
        dimensions = read_dimensions(request.dimensions) or tuple(FACETS)
        caller = current_caller()
        async with aclosing(
            self._watches.summaries.follow(
                dimensions, caller.scope, request.position, caller.subject
            )
        ) as answers:
            async for answer in answers:
                summary = None if answer.summary is None else write_summary(answer.summary)
                yield device_service_pb2.WatchParkSummaryResponse(
                    summary=summary, position=answer.position
                )
