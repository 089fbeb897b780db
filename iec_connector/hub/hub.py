"""The device hub as the connector sees it: calls through the own sidecar, and whose fault an error is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import grpc.aio
import structlog
from meterpark.device_hub.v1 import device_hub_service_pb2 as contract
from meterpark.device_hub.v1 import device_hub_service_pb2_grpc as contract_grpc
from meterpark.device_hub.v1 import quarantine_pb2, reading_pb2, report_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.status.v1.status_service_pb2 import Teller

from bearer_tokens.admission import Admission, Denied
from iec_connector.feeds import FeedFacts
from iec_connector.forwarding.forwarding import HubRefused, HubUnavailable, Outcome, Parcel, Verdict
from iec_connector.hub.feed_wire import feeds_to_wire
from iec_connector.hub.quarantine_wire import (
    ClaimedReplay,
    CompletedReplay,
    claimed_from_wire,
    completed_to_wire,
    entry_to_wire,
    parts_of,
)
from iec_connector.hub.reading_wire import (
    ClaimedReading,
    Trial,
    claimed_readings,
    understood_to_wire,
)
from iec_connector.hub.wire import report_to_wire
from iec_connector.quarantine import QuarantineEntry
from iec_connector.traces import SEND
from iec_connector.understanding import Report
from service_chassis.refusals import reason_of
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import Metadata, to_app
from service_traces.traces import OFF, Traces

log = structlog.get_logger()

APP_ID = "device-hub"

_CALL_SECONDS = 30.0
_OUTCOMES = {
    contract.Verdict.OUTCOME_RECORDED: Outcome.RECORDED,
    contract.Verdict.OUTCOME_UNCHANGED: Outcome.UNCHANGED,
    contract.Verdict.OUTCOME_REFUSED: Outcome.REFUSED,
}


def to_parcel(report: Report) -> Parcel:
    """Make a report ready to travel."""
    return wire_parcel(report_to_wire(report))


def wire_parcel(message: report_pb2.Report) -> Parcel:
    """Make a report that is on the wire already ready to travel."""
    device_id = f"{message.network}/{message.device_identifier}"
    return Parcel(device_id=device_id, size_bytes=message.ByteSize(), content=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """One method of the hub, and whether it is open to us."""

    method: Callable[..., Awaitable[Any]]
    admission: Admission


class Hub:
    """DeviceHubService. Every call raises HubUnavailable (try again) or HubRefused (the call's own fault).

    A call that the hub or a sidecar denies raises neither: it waits until an operator has fixed the cause, then it is
    answered.
    """

    def __init__(
        self,
        channel: grpc.aio.Channel,
        sidecar: SidecarSettings,
        *,
        probe_seconds: float,
        traces: Traces = OFF,
    ) -> None:
        """``probe_seconds`` lie between two probes of a method that is denied."""
        stub: Any = contract_grpc.DeviceHubServiceStub(channel)
        self._metadata = to_app(APP_ID, sidecar)
        self._traces = traces

        def door(name: str) -> _Door:
            admission = Admission(peer=APP_ID, method=name, probe_seconds=probe_seconds)
            return _Door(method=getattr(stub, name), admission=admission)

        self._record_reports = door("RecordReports")
        self._quarantine_messages = door("QuarantineMessages")
        self._claim_replays = door("ClaimReplays")
        self._read_replay_body = door("ReadReplayBody")
        self._complete_replays = door("CompleteReplays")
        self._tell_progress = door("TellProgress")
        self._claim_readings = door("ClaimReadings")
        self._complete_reading = door("CompleteReading")

    def reports_denied(self) -> Denied | None:
        """Return why the hub, or a sidecar before it, takes no report; None while it does."""
        return self._record_reports.admission.denied

    def quarantine_denied(self) -> Denied | None:
        return self._quarantine_messages.admission.denied

    def replays_denied(self) -> Denied | None:
        return self._claim_replays.admission.denied or self._complete_replays.admission.denied

    async def record(self, parcels: Sequence[Parcel]) -> list[Verdict]:
        """One verdict per parcel, in their order."""
        traced = [parcel for parcel in parcels if parcel.traceparent]
        for parcel in traced:
            parcel.content.origin.traceparent = parcel.traceparent
        request = contract.RecordReportsRequest(reports=[parcel.content for parcel in parcels])
        contexts = (parcel.traceparent for parcel in traced)
        with self._traces.of(SEND, contexts, meterpark__reports=len(parcels)) as span:
            answer = await self._call(
                self._record_reports,
                request,
                small=contract.RecordReportsRequest(),
                more=span.metadata,
            )
        ids = [parcel.content.report_id for parcel in parcels]
        if [verdict.report_id for verdict in answer.verdicts] != ids:
            raise HubUnavailable("the hub's verdicts are not those of the batch")
        return [_verdict(verdict) for verdict in answer.verdicts]

    async def quarantine(self, entries: Sequence[QuarantineEntry]) -> None:
        """Store entries, each in a call of its own; a large body goes before it, in parts."""
        for entry in entries:
            for part in parts_of(entry):
                await self._quarantine(quarantine_pb2.QuarantineMessagesRequest(body_parts=[part]))
            await self._quarantine(
                quarantine_pb2.QuarantineMessagesRequest(messages=[entry_to_wire(entry)])
            )

    async def _quarantine(self, request: quarantine_pb2.QuarantineMessagesRequest) -> None:
        await self._call(
            self._quarantine_messages, request, small=quarantine_pb2.QuarantineMessagesRequest()
        )

    async def claim_replays(self, limit: int) -> list[ClaimedReplay]:
        """Claim messages to be read again, with their bodies; the hub bounds how much that is."""
        request = quarantine_pb2.ClaimReplaysRequest(limit=limit)
        answer = await self._call(self._claim_replays, request)
        claimed = []
        for replay in answer.replays:
            try:
                claimed.append(claimed_from_wire(replay, await self._body_of(replay)))
            except HubRefused as error:  # another connector has claimed it meanwhile
                log.info(
                    "replay postponed", quarantine_id=replay.message.quarantine_id, why=str(error)
                )
        return claimed

    async def _body_of(self, replay: quarantine_pb2.ClaimedReplay) -> bytes:
        message = replay.message
        if not message.body_id:
            return message.body
        body = bytearray()
        while len(body) < message.kept_size_bytes:
            request = quarantine_pb2.ReadReplayBodyRequest(
                quarantine_id=message.quarantine_id, lease=replay.lease, offset=len(body)
            )
            piece = (await self._call(self._read_replay_body, request)).content
            if not piece:
                break  # it is not whole: that is this message's complaint, and holds up no other
            body += piece
        return bytes(body)

    async def complete_replays(self, completed: Sequence[CompletedReplay]) -> None:
        request = quarantine_pb2.CompleteReplaysRequest(
            replays=[completed_to_wire(one) for one in completed]
        )
        await self._call(
            self._complete_replays, request, small=quarantine_pb2.CompleteReplaysRequest()
        )

    async def claim_readings(self) -> list[ClaimedReading]:
        """Claim messages that people want to have read."""
        return claimed_readings(
            await self._call(self._claim_readings, reading_pb2.ClaimReadingsRequest())
        )

    async def complete_reading(self, reading: ClaimedReading, trial: Trial) -> None:
        """Tell what was understood; one that is no longer ours is somebody else's to tell."""
        request = reading_pb2.CompleteReadingRequest(
            reading_id=reading.reading_id,
            lease=reading.lease,
            understood=understood_to_wire(trial),
        )
        try:
            await self._call(self._complete_reading, request)
        except HubRefused as error:
            log.info("trial reading not taken", reading_id=reading.reading_id, why=str(error))

    async def tell(self, teller: Teller, *, ends: bool, feeds: Sequence[FeedFacts] = ()) -> None:
        """Report the connector's progress; with ``ends`` the hub forgets it."""
        request = contract.TellProgressRequest(teller=teller, ends=ends, feeds=feeds_to_wire(feeds))
        await self._call(self._tell_progress, request)

    async def _call(
        self, door: _Door, request: Any, *, small: Any = None, more: Metadata = ()
    ) -> Any:
        """``small`` is called instead while the door is closed; it must change nothing."""
        ask = partial(door.method, metadata=(*self._metadata, *more), timeout=_CALL_SECONDS)
        probe = partial(ask, small) if small is not None else None
        try:
            return await door.admission.through(partial(ask, request), probe)
        except grpc.aio.AioRpcError as error:
            # daprd answers with codes like the hub's own: only the hub's signature makes it a refusal.
            reason = reason_of(error)
            if reason is None:
                raise HubUnavailable(f"{error.code().name}: {error.details()}") from error
            raise HubRefused(_reason(reason), error.details() or "") from error


def _verdict(verdict: contract.Verdict) -> Verdict:
    # An outcome that this connector does not know is none: the report is sent again.
    outcome = _OUTCOMES.get(verdict.outcome, Outcome.POSTPONED)
    if outcome is not Outcome.REFUSED:
        return Verdict(outcome=outcome)
    return Verdict(outcome=outcome, reason=_reason(verdict.reason), detail=verdict.detail)


def _reason(reason: ErrorReason.ValueType) -> str:
    try:
        return ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
    except ValueError:
        return f"REASON_{int(reason)}"
