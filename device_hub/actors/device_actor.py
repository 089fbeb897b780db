"""The device as a Dapr actor: a turnstile and a cache around the turns. Glue, no decision.

Nothing is kept in Dapr's actor state (docs/decisions/0001). The memory may be lost or out of date at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from dapr.actor import Actor, ActorInterface, actormethod
from dapr.serializers import Serializer
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.device_hub.v1.report_pb2 import Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from device_hub.actors.proof import Proof, ProofInvalid
from device_hub.actors.turns_client import to_device_id
from device_hub.device.commands import CarryOutPlans, Command, NoteSilence
from device_hub.device.rules import Rules
from device_hub.journal.journal import Journal
from device_hub.turns.turn import (
    recall,
    take_turn,
)
from device_hub.turns.within_time import WithinTime
from device_hub.wire.reports import from_timestamp, to_command
from device_hub.wire.verdicts import TROUBLE, postponed, record, told, verdict_of
from service_chassis.audit import note_denied

if TYPE_CHECKING:
    from device_hub.turns.history import Memory

log = structlog.get_logger()

# Below half of what the sidecar waits (components/resources/resiliency.yaml): a call may have waited for the device's
# turn before. What does not fit is postponed, what was recorded is answered.
TURN_SECONDS: Final = 5.0


class RawBytes(Serializer):  # type: ignore[misc] # the SDK is untyped
    """Payloads are protobuf already; the SDK's default would wrap them in base64 and JSON."""

    def serialize(self, obj: object, custom_hook: Any = None) -> bytes:
        del custom_hook
        return obj if isinstance(obj, bytes) else b""

    def deserialize(self, data: bytes, data_type: Any = object, custom_hook: Any = None) -> bytes:
        del data_type, custom_hook
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an actor needs from the hub that hosts it."""

    journal: Journal
    proof: Proof
    rules: Rules
    turn_seconds: float = TURN_SECONDS


class DeviceActorInterface(ActorInterface):  # type: ignore[misc] # the SDK is untyped
    @actormethod(name="take_turns")  # type: ignore[untyped-decorator]
    async def take_turns(self, sealed: bytes) -> bytes:
        """Take the turns of a sealed ``DeviceTurns``; returns a sealed ``DeviceTurnsResult``."""
        raise NotImplementedError


class DeviceActor(Actor, DeviceActorInterface):  # type: ignore[misc] # the SDK is untyped
    def __init__(self, context: Any, actor_id: Any, surroundings: Surroundings) -> None:
        super().__init__(context, actor_id)
        self._device_id = to_device_id(actor_id.id)
        self._hub = surroundings
        self._memory: Memory | None = None

    async def take_turns(self, sealed: bytes) -> bytes:
        """Raises ProofInvalid for a caller that is no replica of the hub."""
        try:
            opened = self._hub.proof.open(self._device_id, sealed)
        except ProofInvalid:
            # Whose sidecar asked is not said to an actor.
            reason = ErrorReason.ERROR_REASON_PROOF_INVALID
            note_denied("take_turns", reason, "no proof of the hub", device_id=self._device_id)
            raise
        turns = DeviceTurns.FromString(opened)
        if turns.HasField("silence_checked_time"):
            at = from_timestamp(turns.silence_checked_time)
            verdicts = [await self._take_own("silence", at, NoteSilence(at=at))]
        elif turns.HasField("plans_due_time"):
            at = from_timestamp(turns.plans_due_time)
            verdicts = [await self._take_own("plans", at, CarryOutPlans(at=at))]
        else:
            verdicts = await self._record(turns.reports)
        result = DeviceTurnsResult(verdicts=verdicts).SerializeToString()
        return self._hub.proof.seal(self._device_id, result)

    async def _record(self, reports: Sequence[Report]) -> list[Verdict]:
        self._memory, verdicts = await record(
            WithinTime(self._hub.journal, self._hub.turn_seconds),
            self._memory,
            self._device_id,
            reports,
            command_of=to_command,
            rules=self._hub.rules,
        )
        return verdicts

    async def _take_own(self, what: str, at: datetime, command: Command) -> Verdict:
        """A turn that no report asked for: a sweep did."""
        report_id = f"{what}-{at:%Y%m%dT%H%M%S%f}"
        history = WithinTime(self._hub.journal, self._hub.turn_seconds)
        try:
            if self._memory is None:
                self._memory = await recall(history, self._device_id)
            taken = await take_turn(
                history,
                self._memory,
                device_id=self._device_id,
                report_id=report_id,
                command=command,
                rules=self._hub.rules,
            )
        except TROUBLE as error:
            return postponed(report_id, told(error))
        self._memory = taken.memory
        return verdict_of(report_id, taken.outcome, taken.revision)
