"""The figures as people read them: tables on the terminal, a section of docs/benchmarks.md, one last line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.table import Table

from benchmarks.instruments.database_work import Writes
from benchmarks.instruments.figures import Spread
from benchmarks.run import ROWS, Figures
from benchmarks.trouble import BenchFailed

VERB: Final = "make bench"
# Documents per report.
_HARDLY_EVER: Final = 0.005


def markers(verb: str) -> tuple[str, str]:
    """Return the two lines between which the tables of `verb` stand."""
    return f"<!-- written by `{verb}`: begin -->", f"<!-- written by `{verb}`: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A table: a head, and rows of as many cells."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def for_terminal(self) -> Table:
        table = Table()
        for place, name in enumerate(self.head):
            table.add_column(name, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def as_markdown(self) -> str:
        ruler = ("---", *("---:",) * (len(self.head) - 1))
        lines = (f"| {' | '.join(row)} |" for row in (self.head, ruler, *self.rows))
        return f"**{self.title}**\n\n" + "\n".join(lines)


def rates_page(figures: Figures) -> Page:
    sizes = figures.sizes

    def row(what: str, spread: Spread, *, door: bool = False) -> tuple[str, ...]:
        return (
            what,
            f"{spread.median:,.0f}",
            f"{spread.least:,.0f} to {spread.most:,.0f}",
            # Like with like: from the same sender, through the same sidecars.
            f"{spread.median / figures.stock.median:.1f}x" if door else "",
        )

    events = sizes.events_per_message
    return Page(
        title=f"Reports per second ({sizes.rounds} rounds after a warm-up, {sizes.devices} devices)",
        head=("what", "median", "least to most", "against stock"),
        rows=(
            row("broker to journal (one event per message)", figures.to_journal),
            row("broker to register (one event per message)", figures.to_register),
            row(f"broker to journal ({events} events per message)", figures.several_to_journal),
            row(f"broker to register ({events} events per message)", figures.several_to_register),
            row(f"our door, batches of {sizes.batch}", figures.door_batches, door=True),
            row("our door, one report per call", figures.door_single, door=True),
            row("stock door: one report per call, Dapr actor state", figures.stock, door=True),
        ),
    )


def delay_page(figures: Figures) -> Page:
    delays = figures.delays
    return Page(
        title="Delay from the broker's acknowledgement to a watcher of the register",
        head=("messages/s", "samples", "p50", "p99", "longest"),
        rows=(
            (
                f"{figures.sizes.delay_rate:g}",
                f"{delays.samples:,}",
                *(f"{1000 * one:,.0f} ms" for one in (delays.p50, delays.p99, delays.most)),
            ),
        ),
    )


def processor_page(figures: Figures) -> Page:
    measured = figures.milliseconds

    def cell(column: str, process: str) -> str:
        return f"{measured[column][process]:.2f}" if process in measured[column] else ""

    return Page(
        title="Milliseconds of processor time per report (user and system, median round)",
        head=("process", *measured),
        rows=(
            *((name, *(cell(column, name) for column in measured)) for name in ROWS),
            ("all of them", *(f"{sum(of.values()):.2f}" for of in measured.values())),
        ),
    )


def database_page(figures: Figures) -> Page:
    """Return what the database does for a report, by collection; what is hardly ever written is left out."""
    work = figures.database
    written = [
        (name, one)
        for name, one in sorted(work.writes.items(), key=lambda named: -named[1].bytes)
        if one.documents >= _HARDLY_EVER
    ]
    streams = ", ".join(f"{count} on {name}" for name, count in sorted(work.change_streams.items()))
    requests = ", ".join(f"{name} {one:.2f}" for name, one in work.requests.items())
    return Page(
        title=(
            "Written by the database per report of the whole chain"
            f" (requests: {requests}; open change streams: {streams or 'none'})"
        ),
        head=("collection", "documents", "index entries", "bytes"),
        rows=(
            *((name, *_cells(one)) for name, one in written),
            (
                "all of them",
                f"{sum(one.documents for _, one in written):.2f}",
                f"{sum(one.index_entries for _, one in written):.2f}",
                f"{sum(one.bytes for _, one in written):,.0f}",
            ),
        ),
    )


def _cells(one: Writes) -> tuple[str, str, str]:
    return f"{one.documents:.2f}", f"{one.index_entries:.2f}", f"{one.bytes:,.0f}"


def last_line(figures: Figures) -> str:
    delays = figures.delays
    return (
        f"bench: {figures.to_journal.median:.0f} reports/s broker->journal,"
        f" {figures.to_register.median:.0f}/s ->register,"
        f" delay p50 {1000 * delays.p50:.0f} ms p99 {1000 * delays.p99:.0f} ms,"
        f" door {figures.door_batches.median:.0f}/s ="
        f" {figures.door_batches.median / figures.stock.median:.1f}x stock"
        f" ({figures.stock.median:.0f}/s)"
    )


def put_between_markers(file: Path, section: str, verb: str = VERB) -> None:
    """Replace what stands between the markers of `verb` in `file`.

    Raises:
        BenchFailed: there are no markers, or more than one pair.
    """
    begin, end = markers(verb)
    text = file.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise BenchFailed(f"{file} needs the lines {begin} and {end}, once each")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    file.write_text(f"{before}{begin}\n\n{section}\n\n{end}{after}", encoding="utf-8")
