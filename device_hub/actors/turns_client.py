"""Sends turns to devices: through the own sidecar to the host of the device's actor, with the hub's proof."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

import grpc
import grpc.aio
from dapr.proto import api_service_v1, api_v1
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult

from device_hub.actors.proof import Proof, ProofInvalid
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


class NoAnswerInTime(DeviceUnreachable):
    """There is no time left to ask again within the same call."""


def verdicts_due(turns: DeviceTurns) -> int:
    """Return how many verdicts answer the device's own turns."""
    return max(1, len(turns.reports))


@dataclass(frozen=True, slots=True)
class TurnsClient:
    """Calls a device's actor, wherever it lives; Dapr wakes it if need be."""

    # Made once: a stub registers every method of Dapr's API, which costs more than a call.
    sidecar: api_service_v1.DaprStub
    metadata: Metadata
    proof: Proof

    async def ask(self, turns: DeviceTurns) -> DeviceTurnsResult:
        """Give a device its turns, and those of others that come with them.

        The answer has as many verdicts as are due to the device; what it says of the others is not checked. Raises
        DeviceUnreachable.
        """
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
            late = error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            unreachable = NoAnswerInTime if late else DeviceUnreachable
            raise unreachable(f"{error.code().name}: {error.details()}") from error
        try:
            opened = self.proof.open(turns.device_id, answer.data)
        except ProofInvalid as error:
            # Measured: an error that an actor raises comes back as data, with an OK status.
            said = answer.data[:_SAID_BYTES].decode(errors="replace")
            raise DeviceUnreachable(f"no answer of a device: {said}") from error
        result = DeviceTurnsResult.FromString(opened)
        if len(result.verdicts) != verdicts_due(turns):
            raise DeviceUnreachable(
                f"{len(result.verdicts)} verdicts for {len(turns.reports)} reports"
            )
        return result
