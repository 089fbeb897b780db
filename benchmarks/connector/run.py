"""The run: every step in every round, for messages of one event and of several."""

import gc
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import uvloop

from benchmarks.connector.neighbours import Neighbours, neighbours
from benchmarks.connector.sizes import ConnectorSizes
from benchmarks.connector.steps import BARE, UNDERSTOOD, Corpus, spent, step_seconds
from benchmarks.connector.whole import Prepared, in_memory, over_the_network
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.instruments.figures import Spread
from benchmarks.telling import Tell
from hes_simulator.park.devices import Park

BOOKKEPT: Final = "intake, batches, verdicts and settlement, without the above"
WHOLE: Final = "the whole connector, from AMQP to gRPC"

# Microseconds of processor time per report, by step.
Round = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """All rounds of messages with so many events each."""

    events: int
    rounds: Sequence[Round]

    def spread(self, step: str) -> Spread:
        return Spread.of([each[step] for each in self.rounds])

    @property
    def of_bare_parsing(self) -> Spread:
        """Bare parsing in percent of understanding, which is parsing and all that follows."""
        return Spread.of([100 * each[BARE] / each[UNDERSTOOD] for each in self.rounds])


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorFigures:
    sizes: ConnectorSizes
    columns: Sequence[Column]


def measure(sizes: ConnectorSizes, tell: Tell) -> ConnectorFigures:
    """Measure one round that does not count, then ``sizes.rounds``."""
    feed = Feed(
        park=Park(network=NETWORK, size=sizes.devices, seed=1),
        stream=f"{NETWORK}/bench-connector@{time.time_ns()}",
    )
    corpora = {events: Corpus.of(feed, sizes.reports, events) for events in (1, sizes.events)}
    done: dict[int, list[Round]] = {events: [] for events in corpora}
    with ExitStack() as stack:
        places = {
            events: stack.enter_context(neighbours(corpus.encoded))
            for events, corpus in corpora.items()
        }
        for number in range(sizes.rounds + 1):
            for events, corpus in corpora.items():
                seconds = _one_round(corpus, places[events], sizes)
                if number:
                    one = {step: 1e6 * each / corpus.reports for step, each in seconds.items()}
                    done[events].append(one)
                    tell(
                        f"round {number}, {events} event(s) per message: {one[WHOLE]:.0f} µs a report,"
                        f" {one[UNDERSTOOD]:.0f} of them understanding, bare parsing {one[BARE]:.1f}"
                    )
    return ConnectorFigures(
        sizes=sizes,
        columns=[Column(events=events, rounds=rounds) for events, rounds in done.items()],
    )


def _one_round(corpus: Corpus, place: Neighbours, sizes: ConnectorSizes) -> Mapping[str, float]:
    """Return seconds of processor time by step, for all reports of the corpus."""
    seconds = dict(step_seconds(corpus, sizes.batch))
    seconds[BOOKKEPT] = _bookkeeping(corpus, sizes)
    gc.collect()
    seconds[WHOLE] = spent(lambda: uvloop.run(over_the_network(corpus, place, sizes.credit)))
    return seconds


def _bookkeeping(corpus: Corpus, sizes: ConnectorSizes) -> float:
    prepared = Prepared(corpus)
    gc.collect()
    return spent(lambda: uvloop.run(in_memory(corpus, prepared, sizes.credit)))
