"""The connector's figures as people read them."""

from typing import Final

from benchmarks.connector.run import BOOKKEPT, WHOLE, ConnectorFigures
from benchmarks.connector.steps import BARE, DECODED, PARCELLED, UNDERSTOOD, WRITTEN
from benchmarks.result import Page

VERB: Final = "make bench-connector"
_STEPS: Final = (BARE, UNDERSTOOD, PARCELLED, WRITTEN, DECODED, BOOKKEPT, WHOLE)


def connector_page(figures: ConnectorFigures) -> Page:
    columns = figures.columns

    def row(step: str) -> tuple[str, ...]:
        cells: list[str] = []
        for spread in (column.spread(step) for column in columns):
            cells += (f"{spread.median:.1f}", f"{spread.least:.1f} to {spread.most:.1f}")
        return step, *cells

    head: list[str] = []
    for column in columns:
        head += (f"{column.events} event{'' if column.events == 1 else 's'}", "least to most")
    shares: list[str] = []
    for column in columns:
        shares += (
            f"{column.of_bare_parsing.median:.0f} %",
            f"{column.of_bare_parsing.least:.0f} to {column.of_bare_parsing.most:.0f} %",
        )
    return Page(
        title=f"Microseconds of the connector's processor time per report ({figures.sizes.rounds} rounds"
        " after a warm-up; messages of so many events)",
        head=("step", *head),
        rows=(*(row(step) for step in _STEPS), ("bare parsing against understanding", *shares)),
    )


def last_line(figures: ConnectorFigures) -> str:
    single, several = figures.columns
    return (
        f"bench-connector: {single.spread(WHOLE).median / 1000:.3f} ms a report"
        f" ({several.spread(WHOLE).median / 1000:.3f} with {several.events} events per message),"
        f" understanding {single.spread(UNDERSTOOD).median / 1000:.3f} ms,"
        f" bare parsing {single.of_bare_parsing.median:.0f} % of it"
    )
