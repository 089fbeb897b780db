"""Changes as they happen: positions, broken streams, slow readers, and how many there may be."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1.alarm_service_pb2 import WatchAlarmsResponse
from meterpark.smoc.v1.device_service_pb2 import (
    FacetCount,
    GetParkSummaryResponse,
    WatchDevicesResponse,
    WatchParkSummaryResponse,
)

from service_chassis.refusals import CallDenied, CallRefused
from tests.specs.bff.graph.test_alarms import alarm
from tests.specs.bff.listening import listening, websocket
from tests.specs.bff.serving import running_bff, token
from tests.specs.bff.smoc_in_memory import Smoc, device

CHANGES = """
subscription Changes($position: String) {
  deviceChanged(filter: {models: ["ED300L"]}, position: $position) { position device { deviceId } }
}
"""


async def _never() -> None:
    await asyncio.get_running_loop().create_future()


def changing(count: int) -> Smoc:
    """Return a register whose devices change one after the other, and then no more."""
    smoc = Smoc()

    async def watch(request: Any) -> AsyncIterator[Any]:
        start = int(request.position or 0)
        yield WatchDevicesResponse(position=str(start))
        for number in range(start, count):
            yield WatchDevicesResponse(device=device(number), position=str(number + 1))
        await _never()

    smoc.answers["WatchDevices"] = watch
    return smoc


def changed(number: int) -> dict[str, Any]:
    one = {"device": {"deviceId": device(number).device_id}, "position": str(number + 1)}
    return {"data": {"deviceChanged": one}}


async def test_the_first_answer_is_a_position_and_then_come_the_changes() -> None:
    async with running_bff(changing(2)) as bff, listening(bff, CHANGES) as events:
        assert await events.result() == {
            "data": {"deviceChanged": {"device": None, "position": "0"}}
        }
        assert await events.result() == changed(0)
        assert await events.result() == changed(1)
        [request] = bff.smoc.requests("WatchDevices")
        assert list(request.filter.models) == ["ED300L"]
        assert bff.smoc.sent[0]["dapr-stream"] == "true"
        assert bff.smoc.sent[0]["authorization"] == f"Bearer {bff.token}"


async def test_whoever_comes_back_with_his_last_position_misses_nothing() -> None:
    async with running_bff(changing(3)) as bff:
        async with listening(bff, CHANGES) as events:
            await events.result()
            assert await events.result() == changed(0)
        async with listening(bff, CHANGES, {"position": "1"}) as events:
            await events.result()
            assert await events.result() == changed(1)
            assert await events.result() == changed(2)


async def test_a_websocket_carries_the_token_in_its_first_message() -> None:
    async with running_bff(changing(1)) as bff, websocket(bff) as socket:
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": CHANGES}})
        assert (await socket.receive_json())["payload"]["data"]["deviceChanged"]["position"] == "0"
        assert await socket.receive_json() == {"id": "1", "type": "next", "payload": changed(0)}
        await socket.send_json(
            {"id": "2", "type": "subscribe", "payload": {"query": "{ viewer { username } }"}}
        )
        assert (await socket.receive_json())["payload"] == {
            "data": {"viewer": {"username": "anna"}}
        }
        assert await socket.receive_json() == {"id": "2", "type": "complete"}
        assert bff.slots.taken == 1


async def test_a_broken_stream_ends_the_subscription_with_the_reason() -> None:
    def breaking(error: Exception) -> Smoc:
        smoc = Smoc()

        async def watch(_: Any) -> AsyncIterator[Any]:
            yield WatchDevicesResponse(position="7")
            raise error

        smoc.answers["WatchDevices"] = watch
        return smoc

    too_old = CallRefused(
        grpc.StatusCode.OUT_OF_RANGE,
        ErrorReason.ERROR_REASON_POSITION_TOO_OLD,
        "position: older than the kept changes; list again",
    )
    for error, extensions in (
        (too_old, {"code": "BAD_USER_INPUT", "reason": "POSITION_TOO_OLD"}),
        (
            CallDenied(ErrorReason.ERROR_REASON_TOKEN_EXPIRED, "its time is over"),
            {"code": "UNAUTHENTICATED", "reason": "TOKEN_EXPIRED"},
        ),
        (RuntimeError("the service is gone"), {"code": "UNAVAILABLE"}),
    ):
        async with running_bff(breaking(error)) as bff, listening(bff, CHANGES) as events:
            await events.result()
            [told] = (await events.result())["errors"]
            assert told["extensions"] == extensions
            assert await events.next() == ("complete", None)
            assert bff.slots.taken == 0


async def test_who_leaves_gives_his_place_and_the_registers_stream_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    left = asyncio.Event()
    smoc = Smoc()

    async def watch(_: Any) -> AsyncIterator[Any]:
        yield WatchDevicesResponse(position="0")
        try:
            await _never()
        finally:
            left.set()

    smoc.answers["WatchDevices"] = watch
    async with running_bff(smoc, most_subscriptions_per_user=1) as bff:
        async with listening(bff, CHANGES) as events:
            await events.result()
        async with asyncio.timeout(10):
            await left.wait()
        left.clear()
        async with websocket(bff) as socket:
            await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": CHANGES}})
            assert (await socket.receive_json())["type"] == "next"
        async with asyncio.timeout(10):
            await left.wait()
    lines = [line for line in capsys.readouterr().out.splitlines() if "operation=Changes" in line]
    assert len(lines) == 2
    assert all("outcome=left" in line for line in lines)


async def test_each_user_and_the_process_have_their_limit() -> None:
    async with (
        running_bff(changing(0), most_subscriptions=2, most_subscriptions_per_user=1) as bff,
        listening(bff, CHANGES) as first,
    ):
        await first.result()
        async with listening(bff, CHANGES) as refused:
            [error] = (await refused.result())["errors"]
            assert error["message"] == "1 subscriptions of yours already, end one of them"
            assert error["extensions"] == {"code": "UNAVAILABLE"}
        bff.token = token(sub="somebody-else")
        async with listening(bff, CHANGES) as second:
            await second.result()
            bff.token = token(sub="a-third")
            async with listening(bff, CHANGES) as refused:
                [error] = (await refused.result())["errors"]
                assert error["message"] == "2 subscriptions already, no more are served"


@pytest.mark.slow
async def test_a_reader_who_does_not_read_holds_the_register_back() -> None:
    given = 0
    smoc = Smoc()
    wide = device(1)
    wide.status = "x" * 100_000

    async def watch(_: Any) -> AsyncIterator[Any]:
        nonlocal given
        while True:
            given += 1
            yield WatchDevicesResponse(device=wide, position=str(given))

    smoc.answers["WatchDevices"] = watch
    query = "subscription { deviceChanged { position device { status } } }"
    async with running_bff(smoc) as bff, listening(bff, query) as events:
        await events.result()
        # Until what lies between the register and this reader is full, and then nothing more.
        before = -1
        while before != given:
            before = given
            for _ in range(20):
                await bff.data("{ viewer { username } }")
        assert given < 1000
        for _ in range(before):
            await events.result()
        assert given > before


async def test_alarms_and_the_summary_can_be_followed_too() -> None:
    smoc = Smoc()

    async def watch_alarms(_: Any) -> AsyncIterator[Any]:
        yield WatchAlarmsResponse(alarm=alarm(1), position="1")
        await _never()

    async def watch_summary(_: Any) -> AsyncIterator[Any]:
        counts = [
            FacetCount(facet="power", value="ON", device_count=3),
            FacetCount(facet="power", value="OFF", device_count=1),
        ]
        summary = GetParkSummaryResponse(device_count=4, counts=counts)
        yield WatchParkSummaryResponse(summary=summary, position="1")
        await _never()

    smoc.answers["WatchAlarms"] = watch_alarms
    smoc.answers["WatchParkSummary"] = watch_summary
    smoc.add(device(1))
    async with running_bff(smoc) as bff:
        query = "subscription { alarmChanged { position alarm { rule device { model } } } }"
        async with listening(bff, query) as events:
            assert (await events.result())["data"]["alarmChanged"] == {
                "position": "1",
                "alarm": {"rule": "power-lost", "device": {"model": "ED300L"}},
            }
        query = """subscription { parkSummaryChanged(dimensions: [POWER], values: 1) { summary {
            deviceCount counts { dimension value deviceCount } cutDimensions } } }"""
        async with listening(bff, query) as events:
            assert (await events.result())["data"]["parkSummaryChanged"]["summary"] == {
                "deviceCount": 4,
                "counts": [{"dimension": "POWER", "value": "ON", "deviceCount": 3}],
                "cutDimensions": ["POWER"],
            }


async def test_a_process_that_stops_lets_its_subscribers_go_with_a_word() -> None:
    async with running_bff(changing(0)) as bff, listening(bff, CHANGES) as events:
        await events.result()
        bff.slots.close()
        [error] = (await events.result())["errors"]
        assert error["message"] == (
            "this process is stopping: subscribe again from the last position"
        )
        assert await events.next() == ("complete", None)
