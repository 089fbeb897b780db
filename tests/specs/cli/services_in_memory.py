"""A sidecar with register and hub behind it, in memory, on a real port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import (
    add_DeviceHubServiceServicer_to_server,
)
from meterpark.device_hub.v1.identity_service_pb2_grpc import (
    add_IdentityServiceServicer_to_server,
)
from meterpark.smoc.v1.alarm_service_pb2_grpc import add_AlarmServiceServicer_to_server
from meterpark.smoc.v1.device_service_pb2_grpc import (
    add_DeviceServiceServicer_to_server,
)
from meterpark.smoc.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from meterpark.smoc.v1.view_service_pb2_grpc import add_ViewServiceServicer_to_server
from meterpark.status.v1.status_service_pb2 import GetStatusResponse, Teller
from meterpark.status.v1.status_service_pb2_grpc import (
    StatusServiceServicer,
    add_StatusServiceServicer_to_server,
)

from service_chassis.refusals import CallRefused, trailing_metadata
from tests.specs.cli.alarms_in_memory import AlarmsInMemory
from tests.specs.cli.held import FACETS, RESOLVED, Services, at
from tests.specs.cli.hub_in_memory import HubInMemory
from tests.specs.cli.identities_in_memory import IdentitiesInMemory
from tests.specs.cli.jobs_in_memory import JobsInMemory, ViewsInMemory
from tests.specs.cli.register_in_memory import RegisterInMemory

__all__ = ["FACETS", "RESOLVED", "Services", "at", "sidecar_before", "well"]


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
    add_DeviceServiceServicer_to_server(RegisterInMemory(services), server)  # type: ignore[abstract]
    add_DeviceHubServiceServicer_to_server(HubInMemory(services), server)  # type: ignore[abstract]
    add_IdentityServiceServicer_to_server(
        IdentitiesInMemory(services.conflicts, services.enter), server
    )
    add_AlarmServiceServicer_to_server(AlarmsInMemory(services.alarms, services.enter), server)
    add_JobServiceServicer_to_server(JobsInMemory(services.jobs, services.enter), server)
    add_ViewServiceServicer_to_server(
        ViewsInMemory(services.views, services.enter),  # type: ignore[abstract]
        server,
    )
    add_StatusServiceServicer_to_server(_Status(services), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)
