"""Progress as a word of the standard health service, for supervisors that do not know the service's contract.

``meterpark.progress`` is NOT_SERVING while a hop stands still, by the same facts and the same rule as the status and
the doctor. It is no reason to restart the service: the cause may be a peer. The empty name stands for what a restart
cures.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from grpc_health.v1 import health
from grpc_health.v1.health_pb2 import HealthCheckResponse
from meterpark.status.v1.status_pb2 import Hop

from service_status.standstill import STANDSTILL_SECONDS, standstill_of

log = structlog.get_logger()

PROGRESS: Final = "meterpark.progress"


@dataclass(slots=True, kw_only=True)
class ProgressHealth:
    """``hops`` returns the present facts. A hop that waits for an operator is not a standstill."""

    healthy: health.aio.HealthServicer
    hops: Callable[[], Awaitable[Sequence[Hop]]]
    now: Callable[[], datetime]
    standstill_seconds: float = STANDSTILL_SECONDS
    every_seconds: float = 5.0
    # As they were at the last look.
    latest: Sequence[Hop] = field(default=(), init=False)
    _still: list[str] | None = field(default=None, init=False)

    @property
    def still(self) -> Sequence[str]:
        """The hops that stood still at the last look."""
        return self._still or ()

    async def run(self) -> None:
        """Look regularly, so that a hop without an answer is known before the first request for the status."""
        while True:
            await self.look()
            await asyncio.sleep(self.every_seconds)

    async def look(self) -> None:
        """Look once, and report it."""
        hops = self.latest = await self.hops()
        now = self.now()
        still = [
            hop.name
            for hop in hops
            if not hop.waits_for_person
            and standstill_of(hop, now=now, seconds=self.standstill_seconds) is not None
        ]
        state = HealthCheckResponse.NOT_SERVING if still else HealthCheckResponse.SERVING
        await self.healthy.set(PROGRESS, state)
        if still and still != self._still:
            log.warning("progress stands still", hops=still)
        elif self._still and not still:
            log.info("progress goes on again")
        self._still = still
