"""The instruments of a service: one for each metric that it declares.

Counting is an addition in a dictionary; the SDK of OpenTelemetry reads it when somebody collects. Only histograms go
through the SDK at once, some ten microseconds each: for what happens once per batch, message or call.

Everything here runs in the event loop, collecting, too: so what is read is never changed meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.semconv.schemas import Schemas

from service_metrics.declared import OTHER, SERIES_AT_MOST, Kind, Metric

SCHEMA_URL: Final = Schemas.V1_44_0.value
"""The version of the semantic conventions whose names are used."""

# The values of a metric's attributes, in the order in which they are declared.
Values = tuple[str, ...]
# A number, for the series of these values.
Measured = tuple[float, Values]
# A question to a neighbour whose answer has the values of several metrics, in their order.
Ask = Callable[[], Awaitable[Sequence[Iterable[Measured]]]]

_ASKED_SECONDS: Final = 3.0
_FRESH_SECONDS: Final = 5.0


class Counts:
    """How often, for each combination of attributes; read when somebody collects."""

    __slots__ = ("_at_most", "_counts", "_other")

    def __init__(self, attributes: int, at_most: int = SERIES_AT_MOST) -> None:
        self._counts: dict[Values, float] = {}
        self._other = (OTHER,) * attributes
        self._at_most = at_most

    def add(self, *values: str, count: float = 1) -> None:
        """Count, for the attributes' ``values``; what is new beyond the limit counts as another one."""
        if values not in self._counts and len(self._counts) >= self._at_most:
            values = self._other
        self._counts[values] = self._counts.get(values, 0) + count

    def measured(self) -> list[Measured]:
        return [(count, values) for values, count in self._counts.items()]


class Histogram:
    """Measurements of one metric."""

    __slots__ = ("_at_most", "_attributes", "_known", "_other", "_record")

    def __init__(self, metric: Metric, record: Callable[[float, dict[str, str]], None]) -> None:
        self._attributes = tuple(metric.attributes)
        self._record = record
        self._known: dict[Values, dict[str, str]] = {}
        self._other = (OTHER,) * len(self._attributes)
        self._at_most = SERIES_AT_MOST

    def record(self, value: float, *values: str) -> None:
        """Note one measurement, for the attributes' ``values``."""
        known = self._known.get(values)
        if known is None:
            if len(self._known) >= self._at_most:
                values = self._other
            known = self._known[values] = dict(zip(self._attributes, values, strict=True))
        self._record(value, known)


@dataclass(slots=True)
class _Asked:
    """A question to a neighbour, and its last answer: no answer in time is no value, and not an old one."""

    ask: Ask
    errors: tuple[type[Exception], ...]
    answer: Sequence[Iterable[Measured]] = ()
    _asking: "asyncio.Future[Sequence[Iterable[Measured]]] | None" = None

    def answered(self, place: int) -> Iterable[Measured]:
        return self.answer[place] if self.answer else ()

    async def refresh(self, within_seconds: float) -> None:
        # Not cancelled when it is late, and not asked again meanwhile: the client of MongoDB takes that badly.
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self.ask())
        await asyncio.wait({self._asking}, timeout=within_seconds)
        self.answer = ()
        if not self._asking.done():
            return
        try:
            self.answer = self._asking.result()
        except self.errors:
            # The status of the service tells the trouble; here the value is missing.
            return


class Undeclared(Exception):
    """A metric that the service did not declare, or declared and does not measure."""


class Instruments:
    """Gives each declared metric its instrument, once."""

    def __init__(
        self,
        declared: Sequence[Metric],
        provider: MeterProvider,
        *,
        service: str,
        clock: Callable[[], float],
        asked_seconds: float = _ASKED_SECONDS,
    ) -> None:
        """``asked_seconds``: so long a collection waits for a neighbour."""
        self._declared = {metric.name: metric for metric in declared}
        self._missing = set(self._declared)
        self._sdk = provider.get_meter(service, schema_url=SCHEMA_URL)
        self._clock = clock
        self._asked_seconds = asked_seconds
        self._asked: list[_Asked] = []
        self._asked_at = float("-inf")

    def counter(self, metric: Metric) -> Counts:
        """Return what counts ``metric``."""
        counts = Counts(len(metric.attributes))
        self.observe(metric, counts.measured)
        return counts

    def histogram(self, metric: Metric) -> Histogram:
        """Return what measures ``metric``."""
        self._take(metric)
        made = self._sdk.create_histogram(
            metric.name,
            unit=metric.unit,
            description=metric.meaning,
            explicit_bucket_boundaries_advisory=metric.bounds,
        )
        return Histogram(metric, made.record)

    def observe(self, metric: Metric, read: Callable[[], Iterable[Measured]]) -> None:
        """Call ``read`` for the values of ``metric`` each time somebody collects; it has to be quick."""
        self._take(metric)
        attributes = tuple(metric.attributes)

        def observations(_: CallbackOptions) -> list[Observation]:
            # A float, as OTLP takes neither a bool nor a number of numpy.
            return [
                Observation(float(value), dict(zip(attributes, values, strict=True)))
                for value, values in read()
            ]

        make: Any = (
            self._sdk.create_observable_counter
            if metric.kind is Kind.COUNTER
            else self._sdk.create_observable_gauge
        )
        make(metric.name, [observations], unit=metric.unit, description=metric.meaning)

    def value(self, metric: Metric, read: Callable[[], float | None]) -> None:
        """Observe a metric without attributes; None: there is no value now."""
        self.observe(metric, lambda: [] if (value := read()) is None else [(value, ())])

    def ask(
        self, metrics: Sequence[Metric], ask: Ask, errors: tuple[type[Exception], ...] = ()
    ) -> None:
        """Ask a neighbour for the values of ``metrics`` before each collection; without an answer there are none.

        ``errors`` are those of a neighbour in trouble.
        """
        asked = _Asked(ask, errors)
        self._asked.append(asked)
        for place, metric in enumerate(metrics):
            self.observe(metric, partial(asked.answered, place))

    async def refresh(self) -> None:
        """Ask what has to be asked, before a collection. Many collections at once ask once."""
        if self._clock() - self._asked_at < _FRESH_SECONDS:
            return
        self._asked_at = self._clock()
        await asyncio.gather(*(one.refresh(self._asked_seconds) for one in self._asked))

    def complete(self) -> None:
        """Call it when all are made: raises Undeclared when a declared metric has no instrument."""
        if self._missing:
            raise Undeclared(f"declared, but never measured: {', '.join(sorted(self._missing))}")

    def _take(self, metric: Metric) -> None:
        if self._declared.get(metric.name) is not metric or metric.name not in self._missing:
            raise Undeclared(f"{metric.name} is not declared, or made twice")
        self._missing.remove(metric.name)
