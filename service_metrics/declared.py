"""A metric as it is declared: once per service, with what a reader has to know about it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

# Of a metric; what goes beyond is counted under OTHER. A sender cannot fill our memory, or the collector's.
SERIES_AT_MOST: Final = 500
OTHER: Final = "_OTHER"

# Seconds: from a call within a machine to what a person gives up on.
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Seconds, where waiting for a peer counts, too.
LONG_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
# How many travel together.
SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)

# Units that Prometheus writes out in the name; others (`{message}`, `1`) it leaves out.
_UNITS: Final = {"s": "seconds", "By": "bytes"}
_NO_WORD: Final = re.compile(r"[^a-zA-Z0-9]+")


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """``name`` and ``unit`` as OpenTelemetry writes them: dots, UCUM.

    ``attributes``: what tells the series of a metric apart, each with what it says. Their values are few.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    # Upper ends of a histogram's buckets.
    bounds: Sequence[float] = ()

    @property
    def prometheus_name(self) -> str:
        """The name by which Prometheus knows it; of a histogram without `_bucket`, `_count`, `_sum`."""
        words = [_NO_WORD.sub("_", self.name)]
        if (unit := _UNITS.get(self.unit)) and not words[0].endswith(unit):
            words.append(unit)
        if self.kind is Kind.COUNTER:
            words.append("total")
        return "_".join(words)


def counter(
    name: str, unit: str, meaning: str, attributes: Mapping[str, str] | None = None
) -> Metric:
    """Declare what only grows while the process lives."""
    return Metric(
        name=name, kind=Kind.COUNTER, unit=unit, meaning=meaning, attributes=attributes or {}
    )


def gauge(
    name: str, unit: str, meaning: str, attributes: Mapping[str, str] | None = None
) -> Metric:
    """Declare what is so now."""
    return Metric(
        name=name, kind=Kind.GAUGE, unit=unit, meaning=meaning, attributes=attributes or {}
    )


def histogram(
    name: str,
    unit: str,
    meaning: str,
    attributes: Mapping[str, str] | None = None,
    *,
    bounds: Sequence[float] = SECONDS,
) -> Metric:
    """Declare what is measured again and again, and counted by its size."""
    return Metric(
        name=name,
        kind=Kind.HISTOGRAM,
        unit=unit,
        meaning=meaning,
        attributes=attributes or {},
        bounds=tuple(map(float, bounds)),
    )
