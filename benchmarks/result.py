"""The figures as people read them: tables on the terminal, a section of docs/benchmarks.md, one last line."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.table import Table

from benchmarks.instruments.database_work import Writes
from benchmarks.instruments.figures import Spread
from benchmarks.run import ROWS, Figures
from benchmarks.stack.bench_stack import PROCESSES
from benchmarks.trouble import BenchFailed

VERB: Final = "make bench"
# As wide as a line of prose may be (tests/contracts/test_docs_form.py).
_EDITOR: Final = 120
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
        title = textwrap.fill(f"**{self.title}**", _EDITOR, break_on_hyphens=False)
        return f"{title}\n\n" + "\n".join(lines)


def rates_page(figures: Figures) -> Page:
    sizes = figures.sizes

    def row(
        what: str, spread: Spread, against: Spread | None = None, bare: Spread | None = None
    ) -> tuple[str, ...]:
        return (
            what,
            f"{spread.median:,.0f}",
            f"{spread.least:,.0f} to {spread.most:,.0f}",
            # Like with like: from the same sender, through the same sidecars, as far as the same place.
            f"{spread.median / against.median:.1f}x" if against else "",
            f"{100 * spread.median / bare.median:.1f} %" if bare else "",
        )

    events = sizes.events_per_message
    door, chain = figures.stock_door, figures.stock_chain
    return Page(
        title=(
            f"Reports per second ({sizes.rounds} rounds in turn after a warm-up,"
            f" {sizes.devices} devices)"
        ),
        head=("what", "median", "least to most", "against stock", "of insert_many"),
        rows=(
            row(
                "broker to journal (one event per message)",
                figures.to_journal,
                bare=figures.bare_insert,
            ),
            row("broker to register (one event per message)", figures.to_register, chain),
            row(f"broker to journal ({events} events per message)", figures.several_to_journal),
            row(f"broker to register ({events} events per message)", figures.several_to_register),
            row("stock chain: broker to register (one event per message)", chain, chain),
            row(f"our door, batches of {sizes.batch}", figures.door_batches, door),
            row("our door, one report per call", figures.door_single, door),
            row("stock door: one report per call, Dapr actor state", door, door),
            row(
                "the database alone: insert_many of the same commits",
                figures.bare_insert,
                bare=figures.bare_insert,
            ),
        ),
    )


def delay_page(figures: Figures) -> Page:
    rate = figures.sizes.delay_rate
    rows = (
        (f"broker's acknowledgement to a watcher, {rate:g} messages/s", figures.delays),
        ("our door, one report per call, as fast as it goes", figures.call_single),
        ("stock door, one report per call, as fast as it goes", figures.call_stock),
    )
    return Page(
        title="Delay",
        head=("what", "samples", "p50", "p90", "p99", "p99.9", "longest"),
        rows=[
            (
                what,
                f"{each.samples:,}",
                *(
                    f"{1000 * one:,.0f} ms"
                    for one in (each.p50, each.p90, each.p99, each.p999, each.most)
                ),
            )
            for what, each in rows
        ],
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


def memory_page(figures: Figures) -> Page:
    """Return the most that each process held."""
    measured = figures.memory

    def cell(column: str, process: str) -> str:
        return f"{measured[column][process]:,.0f}" if process in measured[column] else ""

    return Page(
        title="MiB of memory at most (resident, since the start of the process)",
        head=("process", *measured),
        rows=[(name, *(cell(column, name) for column in measured)) for name in PROCESSES],
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
    chain = figures.to_register.median / figures.stock_chain.median
    door = figures.door_batches.median / figures.stock_door.median
    return (
        f"bench: {figures.to_journal.median:.0f} reports/s,"
        f" {figures.milliseconds_per_report:.2f} ms per report,"
        f" {chain:.1f}x the stock chain, {door:.1f}x at the door"
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
