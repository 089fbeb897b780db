"""`python -m benchmarks.devices`: measure many devices on this machine."""

from typing import Annotated

import typer

from benchmarks.command import Run, run_command
from benchmarks.devices.result import VERB, last_line, memory_page, sizes_page, waking_page
from benchmarks.devices.run import measure
from benchmarks.devices.sizes import STANDARD, DeviceSizes
from benchmarks.ending import told_in_one_line


def bench(
    *,
    devices: Annotated[
        int,
        typer.Option(
            min=1_000,
            max=1_000_000,
            envvar="METERPARK_DEVICES",
            help="Number of devices. Default: 100,000.",
        ),
    ] = STANDARD.devices,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the run.")] = False,
) -> None:
    """Wake many devices on a stack of the run's own, and measure memory, cost and waking.

    10,000 devices took four minutes on two busy cores. The standard run writes its tables into docs/benchmarks.md; one
    with another number of devices only prints them. The last line holds the figures.
    """
    with told_in_one_line("bench-devices"):
        _measure_and_tell(DeviceSizes.of(devices), keep=keep)


def _measure_and_tell(sizes: DeviceSizes, *, keep: bool) -> None:
    run = Run()
    figures, said = run.on_a_stack(lambda stack: measure(stack, sizes, run.tell), keep=keep)
    run.keep_samples("bench-devices", figures.samples)
    pages = [memory_page(figures), sizes_page(figures), waking_page(figures)]
    verb = VERB if sizes == STANDARD else None
    run.end(pages, said, last_line(figures), verb=verb)


if __name__ == "__main__":
    run_command(bench, "benchmarks.devices")
