"""Calls to device_hub: facts of shipment files about devices, through the own sidecar.

Trouble is raised, and the owner of the rows tries again. A denial is waited out here, with a small probe from time to
time (`bearer_tokens.admission`): waiting loses nothing, and an operator has to fix the cause.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2 import RecordShipmentsRequest, Verdict
from meterpark.device_hub.v1.report_pb2 import Report

from bearer_tokens.admission import Admission, is_denial
from service_chassis.refusals import reason_of
from service_chassis.sidecar import Metadata

if TYPE_CHECKING:
    from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceAsyncStub

HUB_APP_ID: Final = "device-hub"
_TIMEOUT_SECONDS: Final = 30.0
_SAID_AT_MOST: Final = 200


class HubTrouble(Exception):
    """device_hub did not answer, or not as expected. It is unknown whether it recorded anything: send again."""


class HubRefused(HubTrouble):
    """device_hub refuses the call as it is, which only another version of it or of this service will fix."""


class HubClient:
    """``probe_seconds`` lie between two probes while device_hub denies the call."""

    def __init__(
        self, stub: "DeviceHubServiceAsyncStub", metadata: Metadata, *, probe_seconds: float
    ) -> None:
        self._stub = stub
        self._metadata = metadata
        self._admission = Admission(
            peer=HUB_APP_ID, method="RecordShipments", probe_seconds=probe_seconds
        )

    @property
    def denial(self) -> str:
        """What an operator has to fix while the call is denied; empty while it is not."""
        denied = self._admission.denied
        return "" if denied is None else denied.remedy

    async def record_shipments(self, reports: Sequence[Report]) -> list[Verdict]:
        """Return one verdict per report (1 to 500), in order, as soon as it is not denied; raise ``HubTrouble``."""
        verdicts = await self._admission.through(
            partial(self._ask, reports), partial(self._ask, ())
        )
        if len(verdicts) != len(reports):
            raise HubTrouble(f"{len(verdicts)} verdicts for {len(reports)} reports")
        return verdicts

    async def _ask(self, reports: Sequence[Report]) -> list[Verdict]:
        try:
            answer = await self._stub.RecordShipments(
                RecordShipmentsRequest(reports=reports),
                timeout=_TIMEOUT_SECONDS,
                metadata=self._metadata,
            )
        except grpc.aio.AioRpcError as error:
            # A probe holds no reports, which is refused as a mistake: then the door is open.
            if is_denial(error) or not reports:
                raise
            kind = HubTrouble if reason_of(error) is None else HubRefused
            said = (error.details() or "")[:_SAID_AT_MOST]
            raise kind(f"{error.code().name}: {said}") from error
        return list(answer.verdicts)
