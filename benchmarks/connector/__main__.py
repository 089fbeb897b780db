"""`python -m benchmarks.connector`: measure what a report costs the connector."""

import logging
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console

from benchmarks.connector.result import VERB, connector_page, last_line
from benchmarks.connector.run import measure
from benchmarks.connector.sizes import ConnectorSizes
from benchmarks.ending import told_in_one_line
from benchmarks.instruments.machine import Machine, commit, version_line
from benchmarks.result import put_between_markers

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_WIDTH = 130
_LIBRARIES = ("lxml", "protobuf", "grpcio", "python-qpid-proton")


def bench(
    *,
    rounds: Annotated[
        int, typer.Option(min=1, help="Rounds of each step.")
    ] = ConnectorSizes().rounds,
    reports: Annotated[
        int, typer.Option(min=100, help="Reports of one step in one round.")
    ] = ConnectorSizes().reports,
    write: Annotated[
        bool,
        typer.Option(help="Write the table into docs/benchmarks.md. --no-write only prints it."),
    ] = True,
) -> None:
    """Measure the connector alone: each step of a report, and all of them between a broker and a hub.

    Needs no stack; takes about a minute. The last line holds the figures.
    """
    with told_in_one_line("bench-connector"):
        _measure_and_tell(ConnectorSizes(rounds=rounds, reports=reports), write=write)


def _measure_and_tell(sizes: ConnectorSizes, *, write: bool) -> None:
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    machine = Machine.here()
    tell(str(machine))
    said = version_line(
        {
            "Python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
            "meterpark": commit(),
        }
    )
    figures = measure(sizes, tell)
    page = connector_page(figures)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    console.print(f"\n{page.title}", highlight=False)
    console.print(page.for_terminal())
    if write:
        put_between_markers(_DOCUMENT, f"{machine}\\\n{said}\n\n{page.as_markdown()}", VERB)
        print(f"written to {_DOCUMENT.relative_to(_DOCUMENT.parents[1])}")
    print(f"took {time.monotonic() - started:.0f} s on {machine}; {said}")
    print(last_line(figures))


def main() -> None:
    """Run the one command."""
    # What parts of the connector log while they serve the measurement is not for the terminal.
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(bench)
    app(prog_name="python -m benchmarks.connector")


if __name__ == "__main__":
    main()
