"""`python -m benchmarks.register`: measure a register of a million devices on this machine."""

from typing import Annotated

import typer

from benchmarks.command import Run, run_command
from benchmarks.ending import told_in_one_line
from benchmarks.register.result import VERB, answers_page, last_line, work_page
from benchmarks.register.run import RegisterSizes, measure


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
    ] = RegisterSizes().devices,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the run.")] = False,
) -> None:
    """Make a register of many devices on a stack of the run's own, and measure what is asked of it.

    Takes some 15 minutes and 6 GB of disk on two cores. The standard run writes its tables into docs/benchmarks.md;
    one with another number of devices only prints them. The last line holds the figures.
    """
    with told_in_one_line("bench-register"):
        _measure_and_tell(RegisterSizes.of(devices), keep=keep)


def _measure_and_tell(sizes: RegisterSizes, *, keep: bool) -> None:
    run = Run()
    figures, said = run.on_a_stack(lambda stack: measure(stack, sizes, run.tell), keep=keep)
    verb = VERB if sizes == RegisterSizes() else None
    run.end([answers_page(figures), work_page(figures)], said, last_line(figures), verb=verb)


if __name__ == "__main__":
    run_command(bench, "benchmarks.register")
