"""A service's hops as metrics: by the facts, and the rule, of the status and the health of `meterpark.progress`."""

from collections.abc import Callable
from datetime import UTC
from typing import Final

from meterpark.status.v1.status_pb2 import Hop

from service_metrics.declared import counter, gauge
from service_metrics.instruments import Instruments, Measured
from service_status.health import ProgressHealth

_OF_A_HOP: Final = {"hop": "the hop, as `meterpark doctor --standstills` names it"}

WAITING: Final = gauge(
    "meterpark.hop.waiting",
    "{item}",
    "What waits at a hop: messages, reports, commits or devices.",
    _OF_A_HOP,
)
AGE: Final = gauge(
    "meterpark.hop.waiting.age",
    "s",
    "How long the oldest has been waiting at a hop; 0 when nothing waits.",
    _OF_A_HOP,
)
DONE: Final = counter(
    "meterpark.hop.done", "{item}", "What was done at a hop since the start.", _OF_A_HOP
)
STILL: Final = gauge(
    "meterpark.hop.standstill",
    "1",
    "1 while something waits at a hop and nothing is done, or a call is denied; else 0.",
    _OF_A_HOP,
)
DENIED: Final = gauge(
    "meterpark.hop.denied", "1", "1 while a call that a hop makes is denied; else 0.", _OF_A_HOP
)
HOP_METRICS: Final = (WAITING, AGE, DONE, STILL, DENIED)


def observe_hops(instruments: Instruments, progress: ProgressHealth) -> None:
    """Observe the hops as they were at the last look, seconds ago: collecting asks nobody."""

    def of_each(value: Callable[[Hop], float]) -> list[Measured]:
        return [(value(hop), (hop.name,)) for hop in progress.latest]

    def age(hop: Hop) -> float:
        if not hop.waiting_count or not hop.HasField("waiting_since_time"):
            return 0
        since = hop.waiting_since_time.ToDatetime(tzinfo=UTC)
        return max(0.0, (progress.now() - since).total_seconds())

    instruments.observe(WAITING, lambda: of_each(lambda hop: hop.waiting_count))
    instruments.observe(AGE, lambda: of_each(age))
    instruments.observe(DONE, lambda: of_each(lambda hop: hop.done_count))
    instruments.observe(STILL, lambda: of_each(lambda hop: hop.name in progress.still))
    instruments.observe(DENIED, lambda: of_each(lambda hop: bool(hop.denials)))
