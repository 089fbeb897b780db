"""Reading quarantined messages again when a person asked for it: claim, read, say how it went."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from iec_connector.counters import Counters
from iec_connector.forwarding import HubRefused, HubUnavailable
from iec_connector.hub import ClaimedReplay, CompletedReplay
from iec_connector.quarantine import SOURCE_UNKNOWN, Complaint
from iec_connector.reading import Reader
from iec_connector.understanding import Source
from iec_connector.weather import Weather

log = structlog.get_logger()

_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """Asks the hub for messages to be read again."""

    claim: Callable[[int], Awaitable[Sequence[ClaimedReplay]]]
    complete: Callable[[Sequence[CompletedReplay]], Awaitable[None]]
    sources: Mapping[str, Source]
    reader: Reader
    counters: Counters
    weather: Weather

    async def run(self, every_seconds: float) -> None:
        """Ask for ever; when there was something, ask again at once."""
        while True:
            try:
                busy = await self.once() == _AT_ONCE
            except (HubUnavailable, HubRefused) as error:
                self.weather.bad(str(error))
                busy = False
            else:
                self.weather.good()
            if not busy:
                await asyncio.sleep(every_seconds * random.uniform(0.5, 1.5))  # noqa: S311 # spreads, protects nothing

    async def once(self) -> int:
        """Claim some, read them in order, and say how it went; returns how many there were."""
        claimed = await self.claim(_AT_ONCE)
        completed = await asyncio.gather(*(self._again(replay) for replay in claimed))
        if completed:
            await self.complete(completed)
            resolved = sum(one.complaint is None for one in completed)
            log.info("quarantined messages read again", count=len(completed), resolved=resolved)
            self.counters.add("replays_resolved", resolved)
            self.counters.add("replays_failed", len(completed) - resolved)
        return len(completed)

    async def _again(self, replay: ClaimedReplay) -> CompletedReplay:
        source = self.sources.get(replay.source)
        if source is None:
            complaint: Complaint | None = Complaint(
                reason=SOURCE_UNKNOWN,
                detail=f"the connector's configuration has no source {replay.source!r}",
            )
        else:
            reading = await self.reader.begin(
                replay.body,
                source,
                received_at=replay.received_at,
                broker_message_id=replay.message_id,
                destination=replay.destination,
            )
            complaint = (await reading.result()).complaint
        return CompletedReplay(
            quarantine_id=replay.quarantine_id, lease=replay.lease, complaint=complaint
        )
