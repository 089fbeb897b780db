"""`python -m benchmarks.hubs`: measure one, two and four processes of the hub on this machine."""

from typing import Annotated

import typer

from benchmarks.command import Run, run_command
from benchmarks.ending import told_in_one_line
from benchmarks.hubs.result import VERB, cost_page, last_line, process_page
from benchmarks.hubs.run import measure
from benchmarks.hubs.sizes import QUICK, STANDARD, HubSizes


def bench(
    *,
    quick: Annotated[
        bool, typer.Option(help="Small numbers, to try the tool; never written to the docs.")
    ] = False,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the run.")] = False,
) -> None:
    """Send the same reports to one, two and four processes of the hub in turn, and measure what they cost.

    Takes some five minutes on two cores. The last line holds the figures.
    """
    sizes = QUICK if quick else STANDARD
    with told_in_one_line("bench-hubs"):
        _measure_and_tell(sizes, keep=keep, publish=sizes == STANDARD)


def _measure_and_tell(sizes: HubSizes, *, keep: bool, publish: bool) -> None:
    run = Run()
    figures, said = run.on_a_stack(lambda stack: measure(stack, sizes, run.tell), keep=keep)
    pages = [cost_page(figures), process_page(figures)]
    run.end(pages, said, last_line(figures), verb=VERB if publish else None)


if __name__ == "__main__":
    run_command(bench, "benchmarks.hubs")
