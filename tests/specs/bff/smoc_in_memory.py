"""smoc_service behind a sidecar, in memory, on a real port; and the bff before it, asked over real HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2
from meterpark.smoc.v1.device_service_pb2_grpc import (
    DeviceServiceServicer,
    add_DeviceServiceServicer_to_server,
)

from service_chassis.refusals import CallDenied, CallRefused, trailing_metadata


def at(text: str) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromJsonString(text)
    return timestamp


def device(number: int, network: str = "north") -> device_pb2.Device:
    identifier = f"1EMH00{number:08d}"
    on = device_pb2.Facet(value="ON", as_of_time=at("2026-11-20T08:00:00Z"), cause="3.26.0.216")
    return device_pb2.Device(
        device_id=f"{network}/{identifier}",
        network=network,
        device_identifier=identifier,
        revision=7,
        lifecycle=device_pb2.Facet(value="IN_OPERATION", as_of_time=at("2026-10-01T00:00:00Z")),
        power=on,
        switch=device_pb2.Facet(value="UNKNOWN"),
        serial_number=identifier,
        model="ED300L",
        area="Altstadt",
        tags=["exchange-2027"],
        last_contact_time=at("2026-11-21T07:45:00Z"),
    )


@dataclass(slots=True, kw_only=True)
class Smoc:
    """What the register holds, what it says at its door, and what it was asked."""

    devices: dict[str, device_pb2.Device] = field(default_factory=dict)
    # By method: raised instead of an answer.
    failing: dict[str, Exception] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)

    def add(self, *devices: device_pb2.Device) -> None:
        self.devices.update({one.device_id: one for one in devices})

    def enter(self, request: Any, context: Any) -> None:
        method = type(request).__name__.removesuffix("Request")
        self.asked.append((method, request))
        self.sent.append(dict(context.invocation_metadata()))
        if method in self.failing:
            raise self.failing[method]

    def requests(self, method: str) -> list[Any]:
        return [request for name, request in self.asked if name == method]


class _Devices(DeviceServiceServicer):
    def __init__(self, smoc: Smoc) -> None:
        self._smoc = smoc

    async def BatchGetDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._smoc.enter(request, context)
        if any(name.startswith("denied/") for name in request.device_ids):
            raise CallDenied(ErrorReason.ERROR_REASON_NETWORK_DENIED, "names a network")
        known = self._smoc.devices
        return device_service_pb2.BatchGetDevicesResponse(
            devices=[known[name] for name in request.device_ids if name in known],
            missing=[name for name in request.device_ids if name not in known],
        )

    async def ListDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._smoc.enter(request, context)
        rows, token = page(sorted(self._smoc.devices.items()), request)
        return device_service_pb2.ListDevicesResponse(
            devices=[one for _, one in rows],
            next_page_token=token,
            total_size=len(self._smoc.devices),
        )


def page(rows: list[Any], request: Any) -> tuple[list[Any], str]:
    start = int(request.page_token or 0)
    end = start + (request.page_size or 50)
    return rows[start:end], str(end) if end < len(rows) else ""


class Refusals(grpc.aio.ServerInterceptor):
    """Answers a refusal as our services do: status, detail, and the reason in the trailing metadata."""

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        if handler.unary_unary is None:
            return self._guarded_stream(handler)

        async def guarded(request: Any, context: Any) -> Any:
            try:
                return await handler.unary_unary(request, context)
            except CallRefused as refused:
                context.set_trailing_metadata(trailing_metadata(refused))
                await context.abort(refused.status, refused.detail)

        return grpc.unary_unary_rpc_method_handler(
            guarded, handler.request_deserializer, handler.response_serializer
        )

    def _guarded_stream(self, handler: Any) -> Any:
        async def guarded(request: Any, context: Any) -> Any:
            try:
                async for answer in handler.unary_stream(request, context):
                    yield answer
            except CallRefused as refused:
                context.set_trailing_metadata(trailing_metadata(refused))
                await context.abort(refused.status, refused.detail)

        return grpc.unary_stream_rpc_method_handler(
            guarded, handler.request_deserializer, handler.response_serializer
        )


AddServices = Callable[[grpc.aio.Server], None]


@asynccontextmanager
async def sidecar_before(smoc: Smoc, port: int = 0) -> AsyncIterator[int]:
    """Serve on ``port`` (0: a free one), which is yielded, until the block ends."""
    server = grpc.aio.server(interceptors=[Refusals()], options=[("grpc.so_reuseport", 0)])
    add_DeviceServiceServicer_to_server(_Devices(smoc), server)  # type: ignore[abstract]
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)
