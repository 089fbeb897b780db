"""Attacks on the services' own doors: page tokens that anybody can forge, numbers and times out of range."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.smoc.v1 import (
    alarm_service_pb2,
    alarm_service_pb2_grpc,
    device_service_pb2,
    device_service_pb2_grpc,
    import_service_pb2,
    import_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
    view_service_pb2,
    view_service_pb2_grpc,
)

from tests.abuse.attack import Case
from tests.abuse.target import Target

_CLIENTS_FAULT = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)
_SECONDS_OF_YEAR_10000 = 253402300800


async def forged_page_tokens(target: Target) -> AsyncIterator[Case]:
    """Every listing, with tokens that it never gave: told so, never a defect."""
    for name, method, request, metadata in _listings(target):
        for token in _tokens():
            request.page_token = token
            yield await _ask(
                target, f"{name} with page token {token[:40]!r}", method, request, metadata
            )


async def values_out_of_range(target: Target) -> AsyncIterator[Case]:
    """Sizes, enums and times that no caller of ours sends."""
    to_register, to_hub = target.park.to_register, target.park.to_hub
    devices, channel = target.park.register, target.park.channel
    for size in (-1, -(2**31), 2**31 - 1):
        request = device_service_pb2.ListDevicesRequest(page_size=size)
        yield await _ask(
            target, f"ListDevices of {size}", devices.ListDevices, request, to_register
        )
    for seconds in (-62135596801, _SECONDS_OF_YEAR_10000, 2**62, -(2**62)):
        at = Timestamp(seconds=seconds)
        asked = device_service_pb2.GetDeviceAtRequest(device_id="north/1", time=at)
        yield await _ask(target, f"GetDeviceAt {seconds}", devices.GetDeviceAt, asked, to_register)
    for text in (
        "north/\x00",
        "north/" + "x" * 5_000,
        "/",
        "",
        "north/a/b",
        "north/%2F",
        "NORTH/1",
    ):
        one = device_service_pb2.GetDeviceRequest(device_id=text)
        yield await _ask(target, f"GetDevice {text[:20]!r}", devices.GetDevice, one, to_register)
        kept = hub.GetDeviceRequest(device_id=text)
        yield await _ask(target, f"hub {text[:20]!r}", target.park.hub.GetDevice, kept, to_hub)
    alarms = alarm_service_pb2_grpc.AlarmServiceStub(channel)
    for alarm in ("", "x", "north/" + "0" * 5_000, "north/\x00"):
        asked_for = alarm_service_pb2.GetAlarmRequest(alarm_id=alarm)
        yield await _ask(
            target, f"GetAlarm {alarm[:20]!r}", alarms.GetAlarm, asked_for, to_register
        )


def _listings(target: Target) -> Iterator[tuple[str, Any, Any, Any]]:
    park, channel = target.park, target.park.channel
    devices = device_service_pb2_grpc.DeviceServiceStub(channel)
    alarms = alarm_service_pb2_grpc.AlarmServiceStub(channel)
    jobs = job_service_pb2_grpc.JobServiceStub(channel)
    views = view_service_pb2_grpc.ViewServiceStub(channel)
    imports = import_service_pb2_grpc.ImportServiceStub(channel)
    by_register: tuple[tuple[Any, Any], ...] = (
        (devices.ListDevices, device_service_pb2.ListDevicesRequest()),
        (devices.ListDeviceEvents, device_service_pb2.ListDeviceEventsRequest(device_id="north/1")),
        (alarms.ListAlarms, alarm_service_pb2.ListAlarmsRequest()),
        (jobs.ListJobs, job_service_pb2.ListJobsRequest()),
        (jobs.ListJobItems, job_service_pb2.ListJobItemsRequest(job_id="0" * 32)),
        (views.ListViews, view_service_pb2.ListViewsRequest()),
        (imports.ListImports, import_service_pb2.ListImportsRequest()),
        (imports.ListImportRows, import_service_pb2.ListImportRowsRequest(import_id="0" * 32)),
    )
    for method, request in by_register:
        if "page_token" in request.DESCRIPTOR.fields_by_name:
            yield type(request).__name__, method, request, park.to_register
    history = hub.GetDeviceHistoryRequest(device_id="north/1")
    yield "GetDeviceHistory", park.hub.GetDeviceHistory, history, park.to_hub
    messages = quarantine_pb2.ListQuarantinedMessagesRequest()
    yield "ListQuarantinedMessages", park.hub.ListQuarantinedMessages, messages, park.to_hub


def _tokens() -> Iterator[str]:
    yield from ("x", "-1", "9" * 30, "1.5", "%00", "\u00fc", " ", "x" * 10_000)
    said: tuple[Any, ...] = (
        None,
        7,
        "x",
        [],
        [[]],
        {},
        ["a", "b"],
        ["a", 1],
        [1, 2, 3],
        {"a": []},
        ["\ud800"],
        [1e308, "x"],
        ["0" * 24, "1"],
        {"after": {"$gt": ""}},
        [[["x"]]],
        [True, None],
    )
    for one in said:
        text = json.dumps(one).encode()
        yield urlsafe_b64encode(text).decode()
        yield urlsafe_b64encode(text).decode().rstrip("=")
        yield b64encode(b"v1:" + text).decode()
    for mark in ("a:b", "a|b", "a.b", "a/b/c", "1:x", "::", "north/1:1"):
        yield mark
        yield urlsafe_b64encode(mark.encode()).decode()


async def _ask(target: Target, name: str, method: Any, request: Any, metadata: Any) -> Case:
    token = (("authorization", f"Bearer {await target.park.tokens.value()}"),)
    try:
        await method(request, metadata=(*metadata, *token), timeout=20)
    except grpc.aio.AioRpcError as error:
        good = error.code() in _CLIENTS_FAULT and bool(error.details())
        return Case(name, "" if good else f"{error.code().name}: {error.details()}")
    return Case(name)
