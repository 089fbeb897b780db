"""How much waits at the brokers, and who reads it: asked now and then, for the metrics.

The broker is asked over a connection of its own, in a thread: a broker that does not answer holds up no message. What
is not known, or not any more, is told by no value, and not by an old one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NoReturn

import structlog

from iec_connector.sources.configuration import SourceSettings
from iec_connector.sources.sources import tls_files
from jms_transport import Destination
from jms_transport.statistics import DepthsUnknown, QueueDepth, read_depths
from service_chassis.retries import spread

log = structlog.get_logger()

_WITHIN_SECONDS: Final = 5.0
# By the source's name and the queue's.
Queue = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class QueueDepths:
    """Of the queues that the sources read; topics have none. ``found`` is what their brokers said last."""

    sources: Sequence[SourceSettings]
    passwords: Mapping[str, str]
    found: dict[Queue, QueueDepth] = field(default_factory=dict)
    _unknown: dict[str, str] = field(default_factory=dict)

    async def run(self, every_seconds: float) -> NoReturn:
        """Ask for ever."""
        while True:
            for source in self.sources:
                await self.ask(source)
            await asyncio.sleep(spread(every_seconds))

    async def ask(self, source: SourceSettings) -> None:
        """Ask the source's broker once. That it cannot say is logged when it begins."""
        queues = queues_of(source)
        if not queues:
            return
        broker = source.broker
        read = partial(
            read_depths,
            broker.url,
            queues,
            user=broker.user,
            password=self.passwords[source.name],
            tls=tls_files(source),
            timeout_seconds=_WITHIN_SECONDS,
        )
        depths: dict[str, QueueDepth] = {}
        try:
            depths = await asyncio.to_thread(read)
        except (DepthsUnknown, OSError) as error:
            why = str(error)
            if self._unknown.get(source.name) != why:
                log.info("queues cannot be measured", source=source.name, why=why[:300])
            self._unknown[source.name] = why
        else:
            self._unknown.pop(source.name, None)
        for queue in queues:
            self.found.pop((source.name, queue), None)
        self.found.update({(source.name, queue): depth for queue, depth in depths.items()})


def queues_of(source: SourceSettings) -> list[str]:
    """Return the names of the queues that a source reads."""
    read = [Destination.to_subscribe(text) for text in source.destinations]
    return [each.name for each in read if each.kind == "queue"]
