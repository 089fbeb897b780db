"""Reads quarantined messages again when an operator requested it: claim, read, report the result."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from contract_limits import REPLAYS_PER_CLAIM
from iec_connector.counters import Counters
from iec_connector.forwarding.forwarding import HubRefused, HubUnavailable
from iec_connector.hub.quarantine_wire import ClaimedReplay, CompletedReplay
from iec_connector.quarantine import CONNECTOR_DEFECT, SOURCE_UNKNOWN, Complaint
from iec_connector.reading.reading import Reader, Reading
from iec_connector.understanding import Source
from jms_transport import AMQP, Destination, incoming_amqp
from service_chassis.retries import Retries, spread

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """Asks the hub for messages to be read again."""

    claim: Callable[[int], Awaitable[Sequence[ClaimedReplay]]]
    complete: Callable[[Sequence[CompletedReplay]], Awaitable[None]]
    sources: Mapping[str, Source]
    reader: Reader
    counters: Counters
    retries: Retries

    async def run(self, every_seconds: float) -> None:
        """Claim for ever; after a message was found, claim again at once."""
        while True:
            busy = False
            try:
                busy = await self.once() > 0
            except (HubUnavailable, HubRefused) as error:
                await self.retries.pause(error)
                continue
            except Exception:  # the next ones are claimed in any case; the leases of these lapse
                log.exception("reading again ended in a defect")
            else:
                self.retries.got_on()
            if not busy:
                await asyncio.sleep(spread(every_seconds))

    async def once(self) -> int:
        """Claim some, read them in order, and say how it went; returns how many there were."""
        claimed = await self.claim(REPLAYS_PER_CLAIM)
        # Begun one after the other, as their messages came; then they go on side by side.
        begun = [(replay, await self._begun(replay)) for replay in claimed]
        completed = [await _ended(replay, begin) for replay, begin in begun]
        if completed:
            await self.complete(completed)
            resolved = sum(one.complaint is None for one in completed)
            log.info("quarantined messages read again", count=len(completed), resolved=resolved)
            self.counters.add("replays_resolved", resolved)
            self.counters.add("replays_failed", len(completed) - resolved)
        return len(completed)

    async def _begun(self, replay: ClaimedReplay) -> Reading | Complaint:
        try:
            return await self._begin(replay)
        except Exception as error:  # of this message alone
            log.exception("a replay ended in a defect", quarantine_id=replay.quarantine_id)
            return Complaint(reason=CONNECTOR_DEFECT, detail=f"{type(error).__name__}: {error}")

    async def _begin(self, replay: ClaimedReplay) -> Reading | Complaint:
        if replay.complaint is not None:
            return replay.complaint
        source = self.sources.get(replay.source)
        if source is None:
            return Complaint(
                reason=SOURCE_UNKNOWN,
                detail=f"the connector's configuration has no source {replay.source!r}",
            )
        body, illegible = replay.body, None
        if replay.body_kind == AMQP and isinstance(body, bytes):
            # It was kept as it is encoded: perhaps the transport can read it now.
            message = incoming_amqp(body, Destination.parse(replay.destination))
            body, illegible = message.body, message.illegible
        return await self.reader.begin(
            body,
            source,
            received_at=replay.received_at,
            broker_message_id=replay.message_id,
            destination=replay.destination,
            illegible=illegible,
        )


async def _ended(replay: ClaimedReplay, begun: Reading | Complaint) -> CompletedReplay:
    complaint = begun if isinstance(begun, Complaint) else (await begun.result()).complaint
    return CompletedReplay(
        quarantine_id=replay.quarantine_id, lease=replay.lease, complaint=complaint
    )
