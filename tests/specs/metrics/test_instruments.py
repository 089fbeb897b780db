"""Instruments: what is counted is told, what nobody declared is refused, and a neighbour in trouble holds nobody up."""

import asyncio
from dataclasses import dataclass, field

import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import CollectorRegistry, generate_latest

from service_metrics.declared import OTHER, SERIES_AT_MOST, Metric, counter, gauge, histogram
from service_metrics.instruments import Counts, Instruments, Measured, Undeclared
from tests.neighbours.metrics import Scraped, read

READ = counter("meterpark.messages", "{message}", "Messages.", {"noun": "its noun"})
TOOK = histogram("meterpark.took", "s", "How long.", {"outcome": "how"}, bounds=(1, 10))
WAITING = gauge("meterpark.waiting", "{report}", "Reports that wait.")
QUARANTINED = gauge("meterpark.quarantined", "{message}", "Messages.", {"reason": "why"})


class DatabaseAway(Exception):
    pass


@dataclass
class Told:
    """Instruments, and what they tell when somebody asks."""

    declared: tuple[Metric, ...]
    seconds: float = 0.0
    asked_seconds: float = 60.0
    instruments: Instruments = field(init=False)
    _registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        reader = PrometheusMetricReader(registry=self._registry, scope_info_enabled=False)
        provider = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
        self.instruments = Instruments(
            self.declared,
            provider,
            service="hub",
            clock=lambda: self.seconds,
            asked_seconds=self.asked_seconds,
        )

    def now(self) -> Scraped:
        return read(generate_latest(self._registry).decode())


def test_what_was_counted_is_told_by_its_attributes() -> None:
    told = Told((READ,))
    counts = told.instruments.counter(READ)
    counts.add("MeterConfig")
    counts.add("MeterConfig", count=2)
    counts.add("MeterReadings")
    assert told.now().total("meterpark_messages_total", noun="MeterConfig") == 3
    assert told.now().total("meterpark_messages_total") == 4


def test_a_measurement_is_in_the_buckets_that_were_declared() -> None:
    told = Told((TOOK,))
    took = told.instruments.histogram(TOOK)
    for seconds in (0.5, 2.0, 200.0):
        took.record(seconds, "fine")
    now = told.now()
    assert now.total("meterpark_took_seconds_count", outcome="fine") == 3
    assert now.total("meterpark_took_seconds_sum") == 202.5
    buckets = {end: now.total("meterpark_took_seconds_bucket", le=end) for end in ("1.0", "10.0")}
    assert buckets == {"1.0": 1, "10.0": 2}


def test_what_is_observed_is_read_when_somebody_asks() -> None:
    told = Told((WAITING,))
    waiting: list[float | None] = [7.0]
    told.instruments.value(WAITING, lambda: waiting[0])
    assert told.now().total("meterpark_waiting") == 7
    waiting[0] = None
    assert "meterpark_waiting" not in told.now().kinds


def test_a_sender_that_invents_nouns_fills_no_memory() -> None:
    counts = Counts(1)
    for number in range(SERIES_AT_MOST + 100):
        counts.add(f"Noun{number}")
    counts.add("Noun0")
    measured = {values: count for count, values in counts.measured()}
    assert len(measured) == SERIES_AT_MOST + 1
    assert measured["Noun0",] == 2
    assert measured[OTHER,] == 100


def test_a_sender_that_invents_outcomes_makes_no_series_without_end() -> None:
    told = Told((TOOK,))
    took = told.instruments.histogram(TOOK)
    for number in range(SERIES_AT_MOST + 100):
        took.record(0.1, f"outcome{number}")
    now = told.now()
    assert len(now.labels("meterpark_took_seconds_count", "outcome")) == SERIES_AT_MOST + 1
    assert now.total("meterpark_took_seconds_count", outcome=OTHER) == 100


def test_a_metric_that_was_not_declared_is_refused() -> None:
    told = Told((READ,))
    with pytest.raises(Undeclared):
        told.instruments.value(WAITING, lambda: 1)


def test_a_metric_is_made_once() -> None:
    told = Told((READ,))
    told.instruments.counter(READ)
    with pytest.raises(Undeclared):
        told.instruments.counter(READ)


def test_a_declared_metric_that_nobody_measures_is_an_error() -> None:
    told = Told((READ, WAITING))
    told.instruments.counter(READ)
    with pytest.raises(Undeclared, match=r"meterpark\.waiting"):
        told.instruments.complete()
    told.instruments.value(WAITING, lambda: 0)
    told.instruments.complete()


async def test_a_neighbour_is_asked_before_a_collection_and_not_for_each_of_many() -> None:
    told = Told((QUARANTINED, WAITING))
    asked = 0

    async def ask() -> list[list[Measured]]:
        nonlocal asked
        asked += 1
        return [[(asked, ("XML_MALFORMED",))], [(10 * asked, ())]]

    told.instruments.ask((QUARANTINED, WAITING), ask)
    assert not told.now().total("meterpark_quarantined")
    for _ in range(3):
        await told.instruments.refresh()
    assert told.now().total("meterpark_quarantined", reason="XML_MALFORMED") == 1
    assert told.now().total("meterpark_waiting") == 10
    told.seconds = 60
    await told.instruments.refresh()
    assert told.now().total("meterpark_quarantined") == 2


async def test_a_neighbour_in_trouble_has_no_value_and_the_others_have_theirs() -> None:
    told = Told((QUARANTINED, WAITING))
    away = False

    async def ask() -> list[list[Measured]]:
        if away:
            raise DatabaseAway
        return [[(3, ("XML_MALFORMED",))]]

    told.instruments.ask((QUARANTINED,), ask, (DatabaseAway,))
    told.instruments.value(WAITING, lambda: 5)
    await told.instruments.refresh()
    assert told.now().total("meterpark_quarantined") == 3
    away, told.seconds = True, 60
    await told.instruments.refresh()
    assert "meterpark_quarantined" not in told.now().kinds
    assert told.now().total("meterpark_waiting") == 5


async def test_a_neighbour_that_does_not_answer_is_asked_once_and_waited_for_no_longer() -> None:
    told = Told((QUARANTINED,), asked_seconds=0.01)
    answer: asyncio.Future[list[list[Measured]]] = asyncio.get_running_loop().create_future()
    asked = 0

    async def ask() -> list[list[Measured]]:
        nonlocal asked
        asked += 1
        return await answer

    told.instruments.ask((QUARANTINED,), ask)
    for seconds in (0, 60):
        told.seconds = seconds
        await told.instruments.refresh()
        assert "meterpark_quarantined" not in told.now().kinds
    assert asked == 1
    answer.set_result([[(3, ("XML_MALFORMED",))]])
    told.seconds = 120
    await told.instruments.refresh()
    assert told.now().total("meterpark_quarantined") == 3
