"""Watching the park's counts, against a real MongoDB and through a real gRPC connection."""

from typing import Any

import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.refusals import reason_of
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, provision


def watch(smoc: Smoc, position: str = "", *dimensions: str) -> Any:
    return smoc.devices.WatchParkSummary(
        device_service_pb2.WatchParkSummaryRequest(position=position, dimensions=dimensions)
    )


async def change(smoc: Smoc, device_id: str, revision: int = 1, **fields: Any) -> None:
    await smoc.provision(provision(device(device_id, revision, **fields), []))


async def next_count(call: Any) -> int:
    """Read on until counts come, and return how many devices there are."""
    while not (answer := await call.read()).HasField("summary"):
        assert answer.position
    return int(answer.summary.device_count)


async def test_the_counts_come_at_once_and_when_they_change(mongod_url: str) -> None:
    async with running(mongod_url, before=[provision(device("north/1", power="ON"))]) as smoc:
        call = watch(smoc, "", "power", "network")
        first = (await call.read()).summary
        while first.device_count == 0:
            first = (await call.read()).summary
        assert {each.facet for each in first.counts} == {"power", "network"}
        await change(smoc, "north/1", 2, power="OFF")
        while not (answer := await call.read()).HasField("summary"):
            pass
        power = {
            each.value: each.device_count
            for each in answer.summary.counts
            if each.facet == "power" and each.device_count
        }
        assert power == {"OFF": 1}
        call.cancel()


async def test_with_a_position_nothing_comes_before_the_counts_are_others(mongod_url: str) -> None:
    async with running(mongod_url, sign_of_life_seconds=0.2) as smoc:
        call = watch(smoc)
        position = (await call.read()).position
        call.cancel()
        call = watch(smoc, position)
        # What is no change of a count is a sign of life; then two devices come.
        answer = await call.read()
        assert not answer.HasField("summary")
        assert answer.position == position
        await change(smoc, "north/1")
        seen = await next_count(call)
        assert seen == 1
        call.cancel()
        # Another process, or the same one later, tells from the position alone.
        while True:
            again = watch(smoc, position)
            answer = await again.read()
            again.cancel()
            if answer.HasField("summary"):
                break
        assert answer.summary.device_count == 1


async def test_who_reads_slowly_gets_the_newest_and_not_what_was_in_between(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        call = watch(smoc)
        assert await next_count(call) == 0
        for number in range(40):
            await change(smoc, f"north/{number}")
        seen = [await next_count(call)]
        while seen[-1] < 40:
            seen.append(await next_count(call))
        assert len(seen) < 40
        assert seen == sorted(set(seen))
        call.cancel()


async def test_nobody_is_told_of_other_networks_counts(mongod_url: str) -> None:
    async with running(mongod_url, sign_of_life_seconds=0.2) as smoc:
        call = watch(smoc.seen_by("south"))
        assert await next_count(call) == 0
        await change(smoc, "north/1")
        assert not (await call.read()).HasField("summary")
        await change(smoc, "south/1")
        assert await next_count(call) == 1
        call.cancel()


@pytest.mark.parametrize("position", ["x", "AAAA"])
async def test_a_position_that_was_never_given_is_refused(mongod_url: str, position: str) -> None:
    async with running(mongod_url) as smoc:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await watch(smoc, position).read()
        assert reason_of(raised.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
        assert (raised.value.details() or "").startswith("position: ")


async def test_a_dimension_that_there_is_not_is_refused(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await watch(smoc, "", "colour").read()
        assert (raised.value.details() or "").startswith("dimensions")


async def test_all_kinds_of_watchers_count_together(mongod_url: str) -> None:
    async with running(mongod_url, watchers_at_most=1) as smoc:
        call = watch(smoc)
        await call.read()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await smoc.watch().read()
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        call.cancel()
