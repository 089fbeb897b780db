"""`python -m benchmarks.burst`: measure bursts of one meter on this machine."""

from typing import Annotated

import typer

from benchmarks.burst.result import VERB, burst_page, last_line
from benchmarks.burst.run import measure
from benchmarks.command import Run, run_command
from benchmarks.ending import told_in_one_line


def bench(
    *,
    write: Annotated[
        bool,
        typer.Option(help="Write the table into docs/benchmarks.md. --no-write only prints it."),
    ] = True,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the run.")] = False,
) -> None:
    """Send bursts of one meter through a stack of the run's own, while other meters go on, and measure both.

    Takes some three minutes. The last line holds the figures.
    """
    with told_in_one_line("bench-burst"):
        _measure_and_tell(write=write, keep=keep)


def _measure_and_tell(*, write: bool, keep: bool) -> None:
    run = Run()
    figures, said = run.on_a_stack(lambda stack: measure(stack, run.tell), keep=keep)
    run.end([burst_page(figures)], said, last_line(figures), verb=VERB if write else None)


if __name__ == "__main__":
    run_command(bench, "benchmarks.burst")
