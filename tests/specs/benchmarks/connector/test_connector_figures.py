"""What a run of the connector alone says, and that what it measures is the connector's own work."""

from pathlib import Path

import uvloop

from benchmarks.connector.result import VERB, connector_page, last_line
from benchmarks.connector.run import BOOKKEPT, WHOLE, Column, ConnectorFigures
from benchmarks.connector.sizes import ConnectorSizes
from benchmarks.connector.steps import (
    BARE,
    DECODED,
    PARCELLED,
    UNDERSTOOD,
    WRITTEN,
    Corpus,
    step_seconds,
)
from benchmarks.connector.whole import Prepared, in_memory
from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.result import markers
from hes_simulator.park.devices import Park

_ROUND = {BARE: 12.0, UNDERSTOOD: 60.0, PARCELLED: 9.0, WRITTEN: 3.0, DECODED: 8.0, BOOKKEPT: 30.0}
FIGURES = ConnectorFigures(
    sizes=ConnectorSizes(),
    columns=[
        Column(
            events=events,
            rounds=[{**_ROUND, WHOLE: 150.0}, {**_ROUND, WHOLE: 140.0}, {**_ROUND, WHOLE: 170.0}],
        )
        for events in (1, 10)
    ],
)


def _corpus(events: int) -> Corpus:
    feed = Feed(park=Park(network=NETWORK, size=5, seed=1), stream="north/bench-connector@1")
    return Corpus.of(feed, 20, events)


def test_every_step_is_a_row_and_the_last_row_compares_with_bare_parsing() -> None:
    rows = {row[0]: row[1:] for row in connector_page(FIGURES).rows}
    assert set(FIGURES.columns[0].rounds[0]) < set(rows)
    assert rows[WHOLE][:2] == ("150.0", "140.0 to 170.0")
    assert rows["bare parsing against understanding"] == ("20 %", "20 to 20 %") * 2


def test_the_last_line_holds_the_figures_of_the_run() -> None:
    assert last_line(FIGURES) == (
        "bench-connector: 0.150 ms a report (0.150 with 10 events per message),"
        " understanding 0.060 ms, bare parsing 20 % of it"
    )


def test_the_document_has_a_place_for_the_table() -> None:
    text = (Path(__file__).parents[4] / "docs" / "benchmarks.md").read_text()
    assert [text.count(line) for line in markers(VERB)] == [1, 1]


def test_each_step_takes_all_reports_of_the_messages() -> None:
    assert set(step_seconds(_corpus(4), batch=3)) == {BARE, UNDERSTOOD, PARCELLED, WRITTEN, DECODED}


def test_all_messages_of_the_list_are_settled() -> None:
    corpus = _corpus(2)
    # It raises when a message is rejected or quarantined, or a report is missing.
    uvloop.run(in_memory(corpus, Prepared(corpus), credit=4))
