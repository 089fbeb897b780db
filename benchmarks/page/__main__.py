"""`python -m benchmarks.page`: measure the web page before a million devices on this machine."""

from typing import Annotated

import typer

from benchmarks.command import Run, run_command
from benchmarks.ending import told_in_one_line
from benchmarks.page.result import VERB, figures_page, last_line
from benchmarks.page.run import measure
from benchmarks.page.sizes import PageSizes


def bench(
    *,
    devices: Annotated[
        int,
        typer.Option(
            min=1_000,
            max=5_000_000,
            envvar="METERPARK_DEVICES",
            help="Number of devices. Default: 1,000,000.",
        ),
    ] = PageSizes().devices,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the run.")] = False,
) -> None:
    """Make a register of many devices on a stack of the run's own, and measure the page before it in Chromium.

    Takes some eight minutes and 6 GB of disk on two cores. The standard run writes its table into docs/benchmarks.md;
    one with another number of devices only prints it. The last line holds the figures.
    """
    with told_in_one_line("bench-page"):
        _measure_and_tell(PageSizes.of(devices), keep=keep)


def _measure_and_tell(sizes: PageSizes, *, keep: bool) -> None:
    run = Run()
    figures, said = run.on_a_stack(lambda stack: measure(stack, sizes, run.tell), keep=keep)
    verb = VERB if sizes == PageSizes() else None
    run.end([figures_page(figures)], said, last_line(figures), verb=verb)


if __name__ == "__main__":
    run_command(bench, "benchmarks.page")
