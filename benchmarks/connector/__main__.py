"""`python -m benchmarks.connector`: measure what a report costs the connector."""

import platform
from importlib.metadata import version
from typing import Annotated

import typer

from benchmarks.command import Run, run_command
from benchmarks.connector.result import VERB, connector_page, last_line
from benchmarks.connector.run import measure
from benchmarks.connector.sizes import ConnectorSizes
from benchmarks.ending import told_in_one_line
from benchmarks.instruments.machine import commit, version_line

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

    Needs no stack; takes about two minutes. The last line holds the figures.
    """
    with told_in_one_line("bench-connector"):
        _measure_and_tell(ConnectorSizes(rounds=rounds, reports=reports), write=write)


def _measure_and_tell(sizes: ConnectorSizes, *, write: bool) -> None:
    run = Run()
    said = version_line(
        {
            "Python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
            "meterpark": commit(),
        }
    )
    figures = measure(sizes, run.tell)
    run.end([connector_page(figures)], said, last_line(figures), verb=VERB if write else None)


if __name__ == "__main__":
    run_command(bench, "benchmarks.connector")
