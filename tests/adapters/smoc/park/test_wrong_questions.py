"""Questions that the register does not take, and what it says to them."""

# ruff: noqa: S106 - a park that can be drawn again; page tokens are no secrets

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.refusals import reason_of
from tests.neighbours.smoc.running import DeviceFilter, Smoc, running
from tests.specs.smoc.messages import device, entry, moment, provision

FacetAge = device_service_pb2.FacetAge
TimeRange = device_service_pb2.TimeRange
Question = Callable[[Smoc], Any]


def page_of(**fields: Any) -> Question:
    return lambda smoc: smoc.devices.ListDevices(device_service_pb2.ListDevicesRequest(**fields))


def events_of(**fields: Any) -> Question:
    request = device_service_pb2.ListDeviceEventsRequest(**fields)
    return lambda smoc: smoc.devices.ListDeviceEvents(request)


def batch_of(*device_ids: str) -> Question:
    request = device_service_pb2.BatchGetDevicesRequest(device_ids=device_ids)
    return lambda smoc: smoc.devices.BatchGetDevices(request)


def counts_of(*dimensions: str) -> Question:
    request = device_service_pb2.CountDevicesRequest(dimensions=dimensions)
    return lambda smoc: smoc.devices.CountDevices(request)


def filtered(**conditions: Any) -> Question:
    return page_of(filter=DeviceFilter(**conditions))


@pytest.mark.parametrize(
    ("question", "reason", "said"),
    [
        (page_of(page_size=501), "ARGUMENT_INVALID", "page_size: 501"),
        (page_of(page_size=-1), "ARGUMENT_INVALID", "page_size: -1"),
        (filtered(lifecycles=["BROKEN"]), "ARGUMENT_INVALID", "filter.lifecycles: 'BROKEN'"),
        (filtered(powers=["on"]), "ARGUMENT_INVALID", "filter.powers: 'on' is not one of UNKNOWN"),
        (filtered(networks=["North"]), "ARGUMENT_INVALID", "filter.networks[0]: 'North'"),
        (filtered(models=["E450", ""]), "ARGUMENT_INVALID", "filter.models[1]: empty"),
        (filtered(models=[f"E{n}" for n in range(51)]), "ARGUMENT_INVALID", "filter.models: more"),
        (filtered(text_beginning="a\0"), "ARGUMENT_INVALID", "filter.text_beginning"),
        (filtered(text_beginning="x" * 41), "ARGUMENT_INVALID", "filter.text_beginning: longer"),
        (filtered(text_ending="ß" * 21), "ARGUMENT_INVALID", "filter.text_ending: longer"),
        (filtered(areas=[""]), "ARGUMENT_INVALID", "filter.areas[0]: empty"),
        (
            filtered(facet_ages=[FacetAge(facet="colour")]),
            "ARGUMENT_INVALID",
            "filter.facet_ages[0].facet: 'colour' is not one of lifecycle",
        ),
        (
            filtered(facet_ages=[FacetAge(facet="power")] * 2),
            "ARGUMENT_INVALID",
            "filter.facet_ages[1].facet: 'power' is given twice",
        ),
        (
            filtered(last_contact=TimeRange(start_time=moment(2), end_time=moment(1))),
            "ARGUMENT_INVALID",
            "filter.last_contact: ends before it starts",
        ),
        (
            filtered(last_contact=TimeRange(start_time=Timestamp(seconds=1 << 62))),
            "ARGUMENT_INVALID",
            "filter.last_contact.start_time: outside of",
        ),
        (page_of(order_by="colour"), "ARGUMENT_INVALID", "order_by: 'colour' is not one of"),
        (page_of(order_by="model DESC"), "ARGUMENT_INVALID", "order_by: 'model DESC' is not"),
        (page_of(order_by="model, model desc"), "ARGUMENT_INVALID", "order_by: 'model' is given"),
        (page_of(order_by="model,"), "ARGUMENT_INVALID", "order_by: '' is not one of"),
        (page_of(order_by=",".join("abcde")), "ARGUMENT_INVALID", "order_by: more than 4"),
        (counts_of("model", "colour"), "ARGUMENT_INVALID", "dimensions[1]: 'colour' is not"),
        (counts_of(*["model"] * 15), "ARGUMENT_INVALID", "dimensions: more than the 14"),
        (page_of(page_token="x"), "PAGE_TOKEN_INVALID", "page_token: "),
        (events_of(device_id="north/1", page_size=501), "ARGUMENT_INVALID", "page_size: 501"),
        (events_of(device_id="north/1", page_token="é"), "PAGE_TOKEN_INVALID", "page_token: "),
        (events_of(device_id="1"), "ARGUMENT_INVALID", "device_id: '1'"),
        (events_of(device_id="north/9"), "DEVICE_UNKNOWN", "no device 'north/9'"),
        (lambda smoc: smoc.device("north/9"), "DEVICE_UNKNOWN", "no device 'north/9'"),
        (lambda smoc: smoc.device(""), "ARGUMENT_INVALID", "device_id: ''"),
        (batch_of(), "ARGUMENT_INVALID", "device_ids: empty"),
        (batch_of("north/1", "north/"), "ARGUMENT_INVALID", "device_ids[1]: 'north/'"),
        (batch_of(*(f"n/{n}" for n in range(501))), "BATCH_TOO_LARGE", "device_ids: more than 500"),
        (lambda smoc: smoc.summary(101), "ARGUMENT_INVALID", "change_count: 101"),
        (lambda smoc: smoc.behind(), "ARGUMENT_INVALID", "revisions: empty"),
        (lambda smoc: smoc.behind(("n/1", 0)), "ARGUMENT_INVALID", "revisions[0].revision: 0"),
    ],
)
async def test_a_wrong_question_is_refused_and_says_what_is_wrong(
    mongod_url: str, question: Question, reason: str, said: str
) -> None:
    async with running(mongod_url) as smoc:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await question(smoc)
        unknown = reason == "DEVICE_UNKNOWN"
        code = grpc.StatusCode.NOT_FOUND if unknown else grpc.StatusCode.INVALID_ARGUMENT
        assert raised.value.code() is code
        assert reason_of(raised.value) == ErrorReason.Value(f"ERROR_REASON_{reason}")
        assert (raised.value.details() or "").startswith(said)


async def test_a_page_token_serves_only_the_question_that_it_was_given_for(
    mongod_url: str,
) -> None:
    letters = [provision(device(f"north/{n}", power="ON"), [entry(1)]) for n in range(9)]
    async with running(mongod_url, before=letters) as smoc:
        on = DeviceFilter(powers=["ON", "OFF"])
        token = (await smoc.page(on, 2)).next_page_token
        again = await smoc.page(DeviceFilter(powers=["OFF", "ON"]), 3, token)
        assert [each.device_id for each in again.devices] == ["north/2", "north/3", "north/4"]
        other_order = device_service_pb2.ListDevicesRequest(
            filter=on, page_token=token, order_by="model"
        )
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await smoc.devices.ListDevices(other_order)
        assert reason_of(raised.value) == ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID
        swapped = "B" if token[-3] != "B" else "C"
        for wanted, wrong in (
            (DeviceFilter(powers=["ON"]), token),
            (None, token),
            (on, token[:-4]),
            (on, token[:-3] + swapped + token[-2:]),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await smoc.page(wanted, 2, wrong)
            assert reason_of(raised.value) == ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID
