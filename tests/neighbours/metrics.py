"""Metrics as Prometheus reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Scraped:
    """What a service told at one moment."""

    values: Mapping[Series, float]
    # Name (of a counter with `_total`) -> counter, gauge, histogram.
    kinds: Mapping[str, str]

    def total(self, name: str, **labels: str) -> float:
        """Return the sum over all series of ``name`` that have these labels; 0 without one."""
        asked = set(labels.items())
        return sum(
            value
            for (each, its_labels), value in self.values.items()
            if each == name and asked <= its_labels
        )

    def labels(self, name: str, label: str) -> set[str]:
        """Return the values of a label of ``name``."""
        return {dict(labels)[label] for (each, labels), _ in self.values.items() if each == name}


def read(text: str) -> Scraped:
    """Read the text format. Raises ValueError for what is not of it."""
    values: dict[Series, float] = {}
    kinds: dict[str, str] = {}
    for family in text_string_to_metric_families(text):
        named = f"{family.name}_total" if family.type == "counter" else family.name
        kinds[named] = family.type
        for sample in family.samples:
            values[sample.name, frozenset(sample.labels.items())] = sample.value
    return Scraped(values, kinds)


async def scrape(url: str) -> Scraped:
    """Ask a service for its metrics, as Prometheus does."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200, await answer.text()
        return read(await answer.text())
