"""Sends turns to devices: through the own sidecar to the host of the device's actor, with the hub's proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

import grpc.aio
from dapr.proto import api_service_v1, api_v1
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.device_hub.v1.report_pb2 import Report

from device_hub.actors.proof import Proof, ProofInvalid
from device_hub.wire.reports import to_timestamp
from service_chassis.sidecar import Metadata

ACTOR_TYPE = "DeviceActor"
METHOD = "take_turns"
# A rebalance of the actors can hold a call for seconds; beyond this the report is postponed and sent again.
TIMEOUT_SECONDS = 15.0
_SAID_BYTES = 200


def to_actor_id(device_id: str) -> str:
    """Return the actor's id; daprd refuses slashes, "#" and "?" in it."""
    return quote(device_id, safe="")


def to_device_id(actor_id: str) -> str:
    return unquote(actor_id)


class DeviceUnreachable(Exception):
    """The device's actor could not be asked, or did not answer; the turn may or may not have been taken."""


@dataclass(frozen=True, slots=True)
class TurnsClient:
    """Calls a device's actor; one call for each device."""

    # Made once: a stub registers every method of Dapr's API, which costs more than a call.
    sidecar: api_service_v1.DaprStub
    metadata: Metadata
    proof: Proof

    async def record(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]:
        """Give ``device_id`` its reports, in order; returns one verdict each or raises DeviceUnreachable."""
        return await self._ask(DeviceTurns(device_id=device_id, reports=reports))

    async def check_silence(self, device_id: str, at: datetime) -> Verdict:
        """Let the device look whether it has been silent for too long by ``at``."""
        turns = DeviceTurns(device_id=device_id, silence_checked_time=to_timestamp(at))
        return (await self._ask(turns))[0]

    async def carry_out_plans(self, device_id: str, at: datetime) -> Verdict:
        """Let the device carry out what was planned until ``at``."""
        turns = DeviceTurns(device_id=device_id, plans_due_time=to_timestamp(at))
        return (await self._ask(turns))[0]

    async def _ask(self, turns: DeviceTurns) -> list[Verdict]:
        request = api_v1.InvokeActorRequest(
            actor_type=ACTOR_TYPE,
            actor_id=to_actor_id(turns.device_id),
            method=METHOD,
            data=self.proof.seal(turns.device_id, turns.SerializeToString()),
        )
        try:
            answer = await self.sidecar.InvokeActor(
                request, timeout=TIMEOUT_SECONDS, metadata=self.metadata
            )
        except grpc.aio.AioRpcError as error:
            raise DeviceUnreachable(f"{error.code().name}: {error.details()}") from error
        try:
            result = self.proof.open(turns.device_id, answer.data)
        except ProofInvalid as error:
            # Measured: an error that an actor raises comes back as data, with an OK status.
            said = answer.data[:_SAID_BYTES].decode(errors="replace")
            raise DeviceUnreachable(f"no answer of a device: {said}") from error
        verdicts = list(DeviceTurnsResult.FromString(result).verdicts)
        if len(verdicts) != max(1, len(turns.reports)):
            raise DeviceUnreachable(f"{len(verdicts)} verdicts for {len(turns.reports)} reports")
        return verdicts
