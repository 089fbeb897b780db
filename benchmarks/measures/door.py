"""From the sender through both sidecars to the acknowledgement: the hub's door, ours or the stock one.

The sender calls as iec-connector, through that app's sidecar; the same code, the same contract, the same reports.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import grpc
import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordReportsRequest, Verdict
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.device_hub.v1.report_pb2 import Report

from benchmarks.instruments.figures import rate
from benchmarks.instruments.processor_time import ProcessorTime
from benchmarks.measures.measured import Round
from benchmarks.stack.bench_stack import CONNECTOR, HUB, BenchStack
from benchmarks.trouble import BenchFailed
from service_chassis.sidecar import CHANNEL_OPTIONS, to_app

if TYPE_CHECKING:
    from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceAsyncStub

_CALL_SECONDS: Final = 60.0
_OPEN_SECONDS: Final = 60.0


async def knock(
    bench: BenchStack,
    pids: dict[str, int],
    reports: Sequence[Report],
    *,
    batch: int,
    in_flight: int,
) -> Round:
    """Send `reports`, `batch` in a call and `in_flight` calls at once; measure from the first call to the last answer.

    Raises BenchFailed when a report is not recorded.
    """
    settings = bench.sidecar(CONNECTOR)
    metadata = to_app(HUB, settings)
    requests = iter(
        [
            RecordReportsRequest(reports=reports[first : first + batch])
            for first in range(0, len(reports), batch)
        ]
    )

    async def lane(stub: "DeviceHubServiceAsyncStub") -> None:
        for request in requests:
            answer = await stub.RecordReports(request, metadata=metadata, timeout=_CALL_SECONDS)
            for verdict in answer.verdicts:
                if verdict.outcome != Verdict.OUTCOME_RECORDED:
                    outcome = Verdict.Outcome.Name(verdict.outcome)
                    raise BenchFailed(f"a report was not recorded: {outcome} {verdict.detail}")

    address = f"127.0.0.1:{settings.dapr_grpc_port}"
    clock = asyncio.get_running_loop().time
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        await channel.channel_ready()
        stub: DeviceHubServiceAsyncStub = DeviceHubServiceStub(channel)
        before, began_at = ProcessorTime.now(pids), clock()
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(in_flight):
                    lanes.create_task(lane(stub))
        except* grpc.aio.AioRpcError as group:
            error = group.exceptions[0]
            raise BenchFailed(f"the hub's door: {error}") from error
        except* BenchFailed as group:
            raise group.exceptions[0] from None
        seconds = clock() - began_at
        used = ProcessorTime.now(pids).since(before)
    return Round(rate=rate(len(reports), seconds), milliseconds=used.per_report(len(reports)))


async def until_open(bench: BenchStack, report: Report) -> None:
    """Send `report` until it is recorded: actors take a while to be found after a start. Raises BenchFailed."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + _OPEN_SECONDS
    while True:
        try:
            await knock(bench, {}, [report], batch=1, in_flight=1)
        except BenchFailed:
            if clock() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return
