"""The device as a Dapr actor: a turnstile and a cache around the turns. Glue, no decision.

Nothing is kept in Dapr's actor state (docs/decisions/0001). The memory may be lost or out of date at any time.
"""

import asyncio
from typing import Any

from dapr.actor import Actor, ActorInterface, actormethod
from dapr.serializers import Serializer
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from device_hub.actors.proof import Proof, ProofInvalid
from device_hub.actors.residents import Residents
from device_hub.actors.turns_client import to_device_id
from service_chassis.audit import note_denied


class RawBytes(Serializer):  # type: ignore[misc] # the SDK is untyped
    """Payloads are protobuf already; the SDK's default would wrap them in base64 and JSON."""

    def serialize(self, obj: object, custom_hook: Any = None) -> bytes:
        del custom_hook
        return obj if isinstance(obj, bytes) else b""

    def deserialize(self, data: bytes, data_type: Any = object, custom_hook: Any = None) -> bytes:
        del data_type, custom_hook
        return data


class DeviceActorInterface(ActorInterface):  # type: ignore[misc] # the SDK is untyped
    @actormethod(name="take_turns")  # type: ignore[untyped-decorator]
    async def take_turns(self, sealed: bytes) -> bytes:
        """Take the turns of a sealed ``DeviceTurns``; returns a sealed ``DeviceTurnsResult``."""
        raise NotImplementedError


class DeviceActor(Actor, DeviceActorInterface):  # type: ignore[misc] # the SDK is untyped
    """Dapr's word that the device lives in this process, for as long as it is active."""

    def __init__(self, context: Any, actor_id: Any, residents: Residents, proof: Proof) -> None:
        super().__init__(context, actor_id)
        self._residents = residents
        self._proof = proof
        self._device = residents.enter(to_device_id(actor_id.id), self)

    async def take_turns(self, sealed: bytes) -> bytes:
        """Let this device take its turns, and others of this process theirs, all at once.

        Raises ProofInvalid for a caller that is no replica of the hub.
        """
        device = self._device
        try:
            opened = self._proof.open(device.device_id, sealed)
        except ProofInvalid:
            # Whose sidecar called is not said to an actor.
            reason = ErrorReason.ERROR_REASON_PROOF_INVALID
            note_denied("take_turns", reason, "no proof of the hub", device_id=device.device_id)
            raise
        self._residents.reached(device)
        turns = DeviceTurns.FromString(opened)
        verdicts, others = await asyncio.gather(
            device.take(turns),
            asyncio.gather(*(self._residents.take(other) for other in turns.others)),
        )
        result = DeviceTurnsResult(verdicts=verdicts, home=self._residents.name, others=others)
        return self._proof.seal(device.device_id, result.SerializeToString())

    async def _on_deactivate(self) -> None:
        self._residents.leave(self._device, self)
