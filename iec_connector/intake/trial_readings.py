"""Reading messages for a person: claim, read, say what was understood. Nothing of it is recorded or counted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from iec_connector.forwarding.forwarding import HubRefused, HubUnavailable
from iec_connector.hub.reading_wire import ClaimedReading, Trial, Unreadable
from iec_connector.quarantine import CONNECTOR_DEFECT, SOURCE_UNKNOWN
from iec_connector.reading.reading import ReadAside, Unread
from iec_connector.understanding import Source
from service_chassis.retries import Retries, spread

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReadings:
    """Asks the hub for messages that a person wants to have read."""

    claim: Callable[[], Awaitable[Sequence[ClaimedReading]]]
    complete: Callable[[ClaimedReading, Trial], Awaitable[None]]
    look: ReadAside
    sources: Mapping[str, Source]
    # Where each source reads: its network may depend on it.
    destinations: Mapping[str, str]
    retries: Retries
    now: Callable[[], datetime]

    async def run(self, every_seconds: float) -> None:
        """Ask for ever; when there was something, ask again at once."""
        while True:
            try:
                busy = await self.once() > 0
            except (HubUnavailable, HubRefused) as error:
                await self.retries.pause(error)
                continue
            self.retries.got_on()
            if not busy:
                await asyncio.sleep(spread(every_seconds))

    async def once(self) -> int:
        """Claim some and read them; returns how many there were."""
        claimed = await self.claim()
        for reading in claimed:
            await self.complete(reading, await self._read(reading))
        return len(claimed)

    async def _read(self, reading: ClaimedReading) -> Trial:
        known = [*self.sources]
        name = reading.source or (known[0] if known else "")
        source = self.sources.get(name)
        if source is None:
            detail = f"the connector's configuration has no source {name!r}"
            unreadable = Unreadable(reason=SOURCE_UNKNOWN, detail=detail, place="")
            return Trial(source=name, known_sources=known, unreadable=unreadable)
        try:
            read = await self.look(
                reading.body,
                source,
                received_at=self.now(),
                broker_message_id="",
                destination=self.destinations[name],
            )
        except Exception as error:  # of this message alone: the next one is read
            log.exception("a trial reading ended in a defect", reading_id=reading.reading_id)
            detail = f"{type(error).__name__}: {error}"
            unreadable = Unreadable(reason=CONNECTOR_DEFECT, detail=detail, place="")
            return Trial(source=name, known_sources=known, unreadable=unreadable)
        found = read.found
        if isinstance(found, Unread):
            complaint = found.complaint
            return Trial(
                source=name,
                known_sources=known,
                header=found.header,
                network=found.network,
                unreadable=Unreadable(
                    reason=complaint.reason, detail=complaint.detail, place=complaint.place
                ),
            )
        return Trial(
            source=name,
            known_sources=known,
            header=found.header,
            network=found.network,
            parcels=read.parcels,
            problems=found.problems,
            passed_over=found.passed_over,
        )
