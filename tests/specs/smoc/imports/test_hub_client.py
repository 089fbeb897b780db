"""How the register asks the hub for verdicts on rows: trouble is told, a denial is waited out by small probes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest
from meterpark.device_hub.v1 import device_hub_service_pb2 as contract
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from service_chassis.refusals import CallRefused, argument_invalid
from service_chassis.server import serving
from smoc_service.imports.hub_client import HubClient, HubRefused, HubTrouble

ROLE_MISSING = CallRefused(
    grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_ROLE_MISSING, "not allowed"
)
SERVICE = "meterpark.device_hub.v1.DeviceHubService"
ROWS = [Report(report_id=f"r{number}") for number in range(500)]


@dataclass
class Hub:
    """Says ``answer`` instead of verdicts, if there is one; remembers how many rows it was shown."""

    answer: CallRefused | grpc.StatusCode | None = None
    shown: list[int] = field(default_factory=list)

    async def record_shipments(
        self, request: contract.RecordShipmentsRequest, context: Any
    ) -> contract.RecordShipmentsResponse:
        self.shown.append(len(request.reports))
        if isinstance(self.answer, CallRefused):
            raise self.answer
        if self.answer is not None:
            await context.abort(self.answer, "no host found with the given ID")
        if not request.reports:
            raise argument_invalid("reports", "the batch is empty")
        return contract.RecordShipmentsResponse(
            verdicts=[contract.Verdict(report_id=one.report_id) for one in request.reports]
        )

    async def asked(self, times: int) -> None:
        async with asyncio.timeout(20):
            while len(self.shown) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.001)


@asynccontextmanager
async def calling(hub: Hub) -> AsyncIterator[HubClient]:
    def add(server: grpc.aio.Server) -> list[str]:
        method = grpc.unary_unary_rpc_method_handler(
            hub.record_shipments,
            contract.RecordShipmentsRequest.FromString,
            contract.RecordShipmentsResponse.SerializeToString,
        )
        service = grpc.method_handlers_generic_handler(SERVICE, {"RecordShipments": method})
        server.add_generic_rpc_handlers((service,))
        return [SERVICE]

    async with (
        serving(0, add, lambda _: None) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield HubClient(DeviceHubServiceStub(channel), (), probe_seconds=0.01)


async def test_a_denial_is_waited_out_by_small_probes_and_says_what_to_mend() -> None:
    hub = Hub(answer=ROLE_MISSING)
    async with calling(hub) as client:
        asking = asyncio.create_task(client.record_shipments(ROWS))
        await hub.asked(5)
        assert "role" in client.denial
        hub.answer = None
        async with asyncio.timeout(20):
            verdicts = await asking
        assert [one.report_id for one in verdicts] == [one.report_id for one in ROWS]
        assert client.denial == ""
    assert hub.shown[0] == hub.shown[-1] == len(ROWS)
    assert set(hub.shown[1:-1]) == {0}


@pytest.mark.parametrize("status", [grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE])
async def test_a_sidecar_that_finds_no_hub_is_trouble(status: grpc.StatusCode) -> None:
    async with calling(Hub(answer=status)) as client:
        with pytest.raises(HubTrouble, match="no host found") as trouble:
            await client.record_shipments(ROWS)
        assert not isinstance(trouble.value, HubRefused)


async def test_a_refusal_of_the_call_itself_is_told_from_trouble() -> None:
    async with calling(Hub(answer=argument_invalid("reports", "too many"))) as client:
        with pytest.raises(HubRefused, match="reports: too many"):
            await client.record_shipments(ROWS)
