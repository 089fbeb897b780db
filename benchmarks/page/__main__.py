"""`python -m benchmarks.page`: measure the web page before a million devices on this machine."""

import asyncio
import logging
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvloop
from rich.console import Console

from benchmarks.ending import told_in_one_line
from benchmarks.instruments.machine import Machine, version_line, versions
from benchmarks.page.result import VERB, figures_page, last_line
from benchmarks.page.run import measure
from benchmarks.page.sizes import PageSizes
from benchmarks.result import put_between_markers
from benchmarks.stack.bench_stack import bench_stack
from deploy.runtime.paths import installed_runtime

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_WIDTH = 130


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
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    machine = Machine.here()
    tell(str(machine))
    runtime = installed_runtime(os.environ)
    tell("starting a stack of the run's own")
    with (
        bench_stack(runtime, os.environ, keep=keep) as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        said = version_line(versions(runtime, stack.mongodb_url))
        tell(f"ready: {said}")
        figures = runner.run(measure(stack, sizes, tell))
        tell("ending the stack")
    table = figures_page(figures)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    console.print(f"\n{table.title}", highlight=False)
    console.print(table.for_terminal())
    if sizes == PageSizes():
        about = f"{machine}\\\n{said}"
        section = f"{about}\n\n{table.as_markdown()}"
        put_between_markers(_DOCUMENT, section, VERB)
        print(f"written to {_DOCUMENT.relative_to(_DOCUMENT.parents[1])}")
    print(f"took {time.monotonic() - started:.0f} s on {machine}; {said}")
    print(last_line(figures))


def main() -> None:
    """Run the one command."""
    # What parts of the services log while they serve the measurement is not for the terminal.
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(bench)
    app(prog_name="python -m benchmarks.page")


if __name__ == "__main__":
    main()
