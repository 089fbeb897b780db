"""Numbers of several rounds, put into few: median with spread, and percentiles."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What several rounds gave: the median, and the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Raises ValueError when there is no value."""
        if not values:
            raise ValueError("no round gave a value")
        return cls(median=statistics.median(values), least=min(values), most=max(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Seconds, over `samples` messages."""

    p50: float
    p90: float
    p99: float
    p999: float
    most: float
    samples: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Delays":
        return cls(
            p50=percentile(values, 50),
            p90=percentile(values, 90),
            p99=percentile(values, 99),
            p999=percentile(values, 99.9),
            most=max(values),
            samples=len(values),
        )


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of `values` that at least `percent` of them do not exceed (nearest rank).

    Raises ValueError when there is no value, or for a percent outside of 0 to 100.
    """
    if not values:
        raise ValueError("no value")
    if not 0 <= percent <= 100:  # noqa: PLR2004
        raise ValueError(f"{percent} is no percentage")
    rank = max(1, math.ceil(len(values) * percent / 100))
    return sorted(values)[rank - 1]


def rate(count: int, seconds: float) -> float:
    """Return `count` per second; raises ValueError when no time went by."""
    if seconds <= 0:
        raise ValueError("no time went by")
    return count / seconds
