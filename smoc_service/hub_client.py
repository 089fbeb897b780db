"""device_hub as smoc_service asks it: what shipment files say of devices, through the own sidecar."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordShipmentsRequest, Verdict
from meterpark.device_hub.v1.report_pb2 import Report

from service_chassis.sidecar import Metadata

if TYPE_CHECKING:
    from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceAsyncStub

HUB_APP_ID: Final = "device-hub"
_TIMEOUT_SECONDS: Final = 30.0
_SAID_AT_MOST: Final = 200


class HubTrouble(Exception):
    """device_hub did not answer, or not with what was asked; whether it recorded anything is not known: ask again."""


class HubClient:
    def __init__(self, stub: "DeviceHubServiceAsyncStub", metadata: Metadata) -> None:
        self._stub = stub
        self._metadata = metadata

    async def record_shipments(self, reports: Sequence[Report]) -> list[Verdict]:
        """Return one verdict per report (1 to 500), in order; raise ``HubTrouble``."""
        try:
            answer = await self._stub.RecordShipments(
                RecordShipmentsRequest(reports=reports),
                timeout=_TIMEOUT_SECONDS,
                metadata=self._metadata,
            )
        except grpc.aio.AioRpcError as error:
            said = (error.details() or "")[:_SAID_AT_MOST]
            raise HubTrouble(f"{error.code().name}: {said}") from error
        if len(answer.verdicts) != len(reports):
            raise HubTrouble(f"{len(answer.verdicts)} verdicts for {len(reports)} reports")
        return list(answer.verdicts)
