"""From the sender through both sidecars to the acknowledgement: the hub's door, ours or the stock one.

The sender calls as iec-connector, through that app's sidecar; the same code, the same contract, the same reports. As
the connector does, it sends again what a sidecar or a service in trouble did not take; the time counts.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import grpc
import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordReportsRequest, Verdict
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.device_hub.v1.report_pb2 import Report

from benchmarks.instruments.figures import rate
from benchmarks.instruments.processor_time import ProcessorTime
from benchmarks.measures.measured import Round
from benchmarks.stack.bench_stack import CONNECTOR, HUB, WITHOUT_REGISTER, BenchStack
from benchmarks.trouble import BenchFailed
from service_chassis.sidecar import CHANNEL_OPTIONS, Metadata, to_app

if TYPE_CHECKING:
    from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceAsyncStub

_CALL_SECONDS: Final = 60.0
_OPEN_SECONDS: Final = 60.0
# Trouble that lasts longer ends the run.
_PATIENCE_SECONDS: Final = 30.0
_AGAIN_SECONDS: Final = 0.2
_PASSING: Final = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.DEADLINE_EXCEEDED,
)


@dataclass(slots=True)
class _Calls:
    """Calls to the hub's door; remembers how long each took, and how many were made again."""

    stub: "DeviceHubServiceAsyncStub"
    metadata: Metadata
    seconds: list[float] = field(default_factory=list)
    repeated: int = 0

    async def record(self, reports: Sequence[Report]) -> None:
        """Return when each of ``reports`` is recorded; raises BenchFailed when one is refused, or trouble lasts."""
        # uvloop's clock counts whole milliseconds.
        clock = time.perf_counter
        began_at = clock()
        open_reports = list(reports)
        while True:
            trouble = ""
            try:
                open_reports, trouble = await self._once(open_reports)
            except grpc.aio.AioRpcError as error:
                trouble = f"{error.code().name}: {error.details()}"
                if error.code() not in _PASSING:
                    raise BenchFailed(f"the hub's door: {trouble}") from error
            if not trouble:
                self.seconds.append(clock() - began_at)
                return
            if clock() - began_at > _PATIENCE_SECONDS:
                raise BenchFailed(f"the hub's door: {trouble}")
            self.repeated += 1
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _once(self, reports: Sequence[Report]) -> tuple[list[Report], str]:
        """Return the reports that are to be sent again, and why."""
        answer = await self.stub.RecordReports(
            RecordReportsRequest(reports=reports), metadata=self.metadata, timeout=_CALL_SECONDS
        )
        postponed, why = [], ""
        for report, verdict in zip(reports, answer.verdicts, strict=True):
            if verdict.outcome == Verdict.OUTCOME_POSTPONED:
                postponed.append(report)
                why = verdict.detail or "postponed"
            elif verdict.outcome != Verdict.OUTCOME_RECORDED:
                outcome = Verdict.Outcome.Name(verdict.outcome)
                raise BenchFailed(f"a report was not recorded: {outcome} {verdict.detail}")
        return postponed, why


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a sender calls, and what its calls carry."""

    address: str
    metadata: Metadata

    @classmethod
    def of_the_connector(cls, bench: BenchStack) -> Self:
        """Through the connector's sidecar; of several hubs, chance takes one for each call."""
        settings = bench.sidecar(CONNECTOR)
        return cls(
            address=f"127.0.0.1:{settings.dapr_grpc_port}",
            metadata=(*to_app(HUB, settings), WITHOUT_REGISTER),
        )


async def knock(
    bench: BenchStack,
    pids: Mapping[str, int],
    reports: Sequence[Report],
    *,
    batch: int,
    in_flight: int,
    door: Door | None = None,
) -> Round:
    """Send `reports`, `batch` in a call and `in_flight` calls at once; measure from the first call to the last answer.

    Without a `door` they are sent as the connector sends. Raises BenchFailed when a report is not recorded.
    """
    door = door or Door.of_the_connector(bench)
    batches = iter([reports[first : first + batch] for first in range(0, len(reports), batch)])

    async def lane(calls: _Calls) -> None:
        for one in batches:
            await calls.record(one)

    clock = asyncio.get_running_loop().time
    async with grpc.aio.insecure_channel(door.address, options=CHANNEL_OPTIONS) as channel:
        await channel.channel_ready()
        stub: Any = DeviceHubServiceStub(channel)
        calls = _Calls(stub, door.metadata)
        before, began_at = ProcessorTime.now(pids), clock()
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(in_flight):
                    lanes.create_task(lane(calls))
        except ExceptionGroup as group:
            # Not `except*`: before Python 3.11.4 what is raised in it comes out in a group again.
            raise group.exceptions[0] from None
        seconds = clock() - began_at
        used = ProcessorTime.now(pids).since(before)
    return Round(
        rate=rate(len(reports), seconds),
        milliseconds=used.per_report(len(reports)),
        seconds=calls.seconds,
        repeated=calls.repeated,
    )


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
