"""A device as it was known at a time, against a real MongoDB."""

from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.refusals import reason_of
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, entry, moment, provision


async def then(
    smoc: Smoc, time: Timestamp | None, device_id: str = "north/1"
) -> device_service_pb2.GetDeviceAtResponse:
    request = device_service_pb2.GetDeviceAtRequest(device_id=device_id, time=time)
    answer: device_service_pb2.GetDeviceAtResponse = await smoc.devices.GetDeviceAt(request)
    return answer


async def test_a_device_is_shown_as_it_was_known_at_a_time(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        first = device("north/1", 10, model="E450", usage_point="UP-7", names={"a.b": "c"})
        dark = device(
            "north/1", 20, power="OFF", model="E450", usage_point="UP-7", names={"a.b": "c"}
        )
        moved = device("north/1", 30, power="ON", model="E450", usage_point="UP-8")
        for each in (first, dark, moved):
            await smoc.provision(provision(each))
        # Entries that come late change nothing of what was known.
        await smoc.provision(provision(dark, [entry(20, 1, kind="installed")]))

        shown = await then(smoc, moment(25))
        for name in ("lifecycle", "switch", "communication", "tamper", "firmware"):
            shown.device.ClearField(name)
        assert shown == device_service_pb2.GetDeviceAtResponse(device=dark)
        assert (await then(smoc, moment(10))).device.power.value == "UNKNOWN"
        assert (await then(smoc, moment(30))).device.usage_point == "UP-8"


async def test_a_device_with_a_name_that_begins_like_another_s_has_a_past_of_its_own(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(
            provision(device("north/1", 1, model="E450")),
            provision(device("north/10", 1, model="AM550")),
            provision(device("north/0", 1, model="OMNIPOWER")),
        )
        assert (await then(smoc, moment(9))).device.model == "E450"
        assert (await then(smoc, moment(9), "north/10")).device.model == "AM550"


async def test_a_device_that_was_not_heard_of_yet_is_unknown(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1")))
        for asked in (then(smoc, moment(-1)), then(smoc, moment(5), "north/2")):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await asked
            assert reason_of(refused.value) == ErrorReason.ERROR_REASON_DEVICE_UNKNOWN


async def test_what_the_first_report_said_is_known_from_the_moment_the_device_was_heard_of(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        for revision, usage_point in ((1, "UP-7"), (2, "UP-8")):
            await smoc.provision(provision(device("north/1", revision, usage_point=usage_point)))
        # Received at 0, recorded at 1.
        first = await then(smoc, moment(0))
        assert (first.incomplete, first.device.usage_point) == (False, "UP-7")
        assert first == await then(smoc, moment(1))


async def test_a_device_of_before_states_were_kept_is_told_as_incomplete(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 10, power="ON", model="E450")))
        # As it lay there before.
        await smoc.database["states"].drop()
        await smoc.database["devices"].update_one({"_id": "north/1"}, {"$unset": {"state": True}})
        await smoc.provision(provision(device("north/1", 20, power="ON", model="E450")))

        before = await then(smoc, moment(15))
        assert before.incomplete
        assert (before.device.device_id, before.device.first_seen_time) == ("north/1", moment(0))
        assert not before.device.HasField("power")
        since = await then(smoc, moment(20))
        assert (since.incomplete, since.device.model) == (False, "E450")


async def test_a_question_about_no_time_or_one_ahead_or_of_a_network_not_seen_is_refused(
    mongod_url: str,
) -> None:
    async def refused(smoc: Smoc, time: Timestamp | None) -> Any:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await then(smoc, time)
        return error.value

    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1")))
        ahead = Timestamp()
        ahead.FromJsonString("2999-01-01T00:00:00Z")
        assert (await refused(smoc, None)).details() == "time: missing"
        assert "lies ahead" in (await refused(smoc, ahead)).details()
        denied = await refused(smoc.seen_by("south"), moment(5))
        assert reason_of(denied) == ErrorReason.ERROR_REASON_NETWORK_DENIED


async def test_each_question_reads_two_documents_whatever_came_before_and_after(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        for revision in range(1, 41):
            power = "OFF" if revision % 2 else "ON"
            await smoc.provision(provision(device("north/1", revision, power=power, model="E450")))
        await smoc.profiling()
        await then(smoc, moment(20))
        reads = [
            (each["docsExamined"], each["keysExamined"])
            for each in await smoc.profiled()
            if each["op"] == "query" and each["ns"].endswith(".states")
        ]
        assert reads == [(1, 1), (1, 1)]
