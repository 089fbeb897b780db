"""smoc_service and device_hub behind a sidecar, in memory, on a real port."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import audit_service_pb2 as hub_audit_service_pb2
from meterpark.device_hub.v1 import device_hub_service_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import (
    alarm_service_pb2,
    audit_service_pb2,
    device_pb2,
    device_service_pb2,
    import_service_pb2,
    job_service_pb2,
    note_service_pb2,
    view_service_pb2,
)

from service_chassis.refusals import CallDenied, CallRefused, trailing_metadata

RowT = TypeVar("RowT")
Answering = Callable[[Any], Any]

_FILES = (
    alarm_service_pb2,
    audit_service_pb2,
    device_hub_service_pb2,
    device_service_pb2,
    hub_audit_service_pb2,
    import_service_pb2,
    job_service_pb2,
    note_service_pb2,
    view_service_pb2,
)


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


def refused(reason: str, detail: str, **metadata: str) -> CallRefused:
    """Return what smoc_service says for ``reason``; the status is that of an argument, programs read the reason."""
    value = ErrorReason.Value(f"ERROR_REASON_{reason}")
    return CallRefused(grpc.StatusCode.INVALID_ARGUMENT, value, detail, **metadata)


def unknown(reason: str) -> CallRefused:
    value = ErrorReason.Value(f"ERROR_REASON_{reason}")
    return CallRefused(grpc.StatusCode.NOT_FOUND, value, "there is none of this name")


class NobodyFound(Exception):
    """The sidecar in front of the register does not find the register's."""


@dataclass(slots=True, kw_only=True)
class Smoc:
    """What the register answers, by method, and what it was asked.

    Devices are listed, and read at once, by themselves; every other answer is a function of the request that gives (or
    for a stream yields) it, or raises a refusal.
    """

    devices: dict[str, device_pb2.Device] = field(default_factory=dict)
    answers: dict[str, Answering] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answers["ListDevices"] = self._list_devices
        self.answers["BatchGetDevices"] = self._get_devices

    def add(self, *devices: device_pb2.Device) -> None:
        self.devices.update({one.device_id: one for one in devices})

    def requests(self, method: str) -> list[Any]:
        return [request for name, request in self.asked if name == method]

    def enter(self, method: str, request: Any, context: Any) -> Answering:
        self.asked.append((method, request))
        self.sent.append(dict(context.invocation_metadata()))
        return self.answers[method]

    def _list_devices(self, request: Any) -> Any:
        rows, token = page([one for _, one in sorted(self.devices.items())], request)
        return device_service_pb2.ListDevicesResponse(
            devices=rows, next_page_token=token, total_size=len(self.devices)
        )

    def _get_devices(self, request: Any) -> Any:
        if any(name.startswith("denied/") for name in request.device_ids):
            raise CallDenied(ErrorReason.ERROR_REASON_NETWORK_DENIED, "names a network")
        return device_service_pb2.BatchGetDevicesResponse(
            devices=[self.devices[name] for name in request.device_ids if name in self.devices],
            missing=[name for name in request.device_ids if name not in self.devices],
        )


def page(rows: Sequence[RowT], request: Any) -> tuple[list[RowT], str]:
    start = int(request.page_token or 0)
    end = start + (request.page_size or 50)
    return list(rows[start:end]), str(end) if end < len(rows) else ""


def _handlers(smoc: Smoc, service: Any) -> grpc.GenericRpcHandler:
    """Answer every method of ``service`` with what ``smoc`` has for it."""

    def unary(name: str) -> Any:
        async def answer(request: Any, context: Any) -> Any:
            if name not in smoc.answers:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, "nobody has made this yet")
            try:
                return smoc.enter(name, request, context)(request)
            except (CallRefused, NobodyFound) as refusal:
                await _refuse(refusal, context)

        return answer

    def stream(name: str) -> Any:
        async def answer(request: Any, context: Any) -> Any:
            try:
                async for one in smoc.enter(name, request, context)(request):
                    yield one
            except CallRefused as refusal:
                await _refuse(refusal, context)

        return answer

    handlers: dict[str, Any] = {}
    for method in service.methods:
        codec: dict[str, Any] = {
            "request_deserializer": GetMessageClass(method.input_type).FromString,
            "response_serializer": GetMessageClass(method.output_type).SerializeToString,
        }
        handlers[method.name] = (
            grpc.unary_stream_rpc_method_handler(stream(method.name), **codec)
            if method.server_streaming
            else grpc.unary_unary_rpc_method_handler(unary(method.name), **codec)
        )
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


async def _refuse(refusal: CallRefused | NobodyFound, context: Any) -> None:
    if isinstance(refusal, NobodyFound):
        await context.abort(grpc.StatusCode.UNKNOWN, "no host found with the given ID")
        return
    context.set_trailing_metadata(trailing_metadata(refusal))
    await context.abort(refusal.status, refusal.detail)


@asynccontextmanager
async def sidecar_before(smoc: Smoc, port: int = 0) -> AsyncIterator[int]:
    """Serve on ``port`` (0: a free one), which is yielded, until the block ends."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    services = [service for file in _FILES for service in file.DESCRIPTOR.services_by_name.values()]
    server.add_generic_rpc_handlers([_handlers(smoc, service) for service in services])
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)
