"""The sender at the hub's door sends again what was not taken, counts it once, and gives up on what is refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
import grpc.aio
import pytest
from meterpark.device_hub.v1 import device_hub_service_pb2 as contract
from meterpark.device_hub.v1.report_pb2 import Report

from benchmarks.measures.door import knock
from benchmarks.stack.bench_stack import BenchStack
from benchmarks.trouble import BenchFailed
from service_chassis.server import serving
from service_chassis.settings import SidecarSettings

REPORTS = [Report(report_id=f"r{number}") for number in range(20)]
SERVICE = "meterpark.device_hub.v1.DeviceHubService"
Outcome = contract.Verdict.Outcome


@dataclass
class Hub:
    """``troubles`` end the first calls; the first time that it hears of one of ``postponed``, it does not take it."""

    troubles: list[grpc.StatusCode] = field(default_factory=list)
    postponed: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    taken: list[str] = field(default_factory=list)

    async def record_reports(
        self, request: contract.RecordReportsRequest, context: Any
    ) -> contract.RecordReportsResponse:
        if self.troubles:
            await context.abort(self.troubles.pop(), "no host found with the given ID")
        verdicts = [
            contract.Verdict(report_id=one.report_id, outcome=self._outcome(one.report_id))
            for one in request.reports
        ]
        return contract.RecordReportsResponse(verdicts=verdicts)

    def _outcome(self, report_id: str) -> Outcome.ValueType:
        if report_id in self.refused:
            return contract.Verdict.OUTCOME_REFUSED
        if report_id in self.postponed:
            self.postponed.remove(report_id)
            return contract.Verdict.OUTCOME_POSTPONED
        self.taken.append(report_id)
        return contract.Verdict.OUTCOME_RECORDED


@dataclass
class Stack:
    """All that the door needs of a stack: where the sidecar is."""

    port: int

    def sidecar(self, app: str) -> SidecarSettings:
        assert app == "iec-connector"
        return SidecarSettings(dapr_grpc_port=self.port, dapr_api_token="")


@asynccontextmanager
async def door_of(hub: Hub) -> AsyncIterator[BenchStack]:
    def add(server: grpc.aio.Server) -> list[str]:
        method = grpc.unary_unary_rpc_method_handler(
            hub.record_reports,
            contract.RecordReportsRequest.FromString,
            contract.RecordReportsResponse.SerializeToString,
        )
        service = grpc.method_handlers_generic_handler(SERVICE, {"RecordReports": method})
        server.add_generic_rpc_handlers((service,))
        return [SERVICE]

    async with serving(0, add, lambda _: None) as port:
        yield cast("BenchStack", Stack(port))


@pytest.mark.parametrize("batch", [1, 7])
async def test_what_is_in_trouble_for_a_moment_is_sent_again_and_counts_once(batch: int) -> None:
    hub = Hub([grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE], postponed={"r3", "r11"})
    async with door_of(hub) as bench, asyncio.timeout(30):
        done = await knock(bench, {}, REPORTS, batch=batch, in_flight=3)
    assert sorted(hub.taken) == sorted(one.report_id for one in REPORTS)
    assert 3 <= done.repeated <= 4
    assert len(done.seconds) == -(-len(REPORTS) // batch)


async def test_a_report_that_is_refused_ends_the_run() -> None:
    async with door_of(Hub(refused={"r5"})) as bench:
        with pytest.raises(BenchFailed, match="OUTCOME_REFUSED"):
            await knock(bench, {}, REPORTS, batch=4, in_flight=2)


async def test_a_call_that_is_denied_ends_the_run() -> None:
    async with door_of(Hub([grpc.StatusCode.PERMISSION_DENIED])) as bench:
        with pytest.raises(BenchFailed, match="PERMISSION_DENIED"):
            await knock(bench, {}, REPORTS, batch=4, in_flight=2)
