"""`python -m benchmarks`: measure this system on this machine, beside the stock way."""

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
from benchmarks.result import (
    database_page,
    delay_page,
    last_line,
    processor_page,
    put_between_markers,
    rates_page,
)
from benchmarks.run import measure
from benchmarks.sizes import QUICK, STANDARD, Sizes
from benchmarks.stack.bench_stack import bench_stack
from deploy.runtime.paths import installed_runtime

_DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
_WIDTH = 110


def bench(
    *,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Rounds of each measurement. Default: 3.")
    ] = None,
    reports: Annotated[
        int | None, typer.Option(min=100, help="Reports of one round. Default: 8000.")
    ] = None,
    quick: Annotated[
        bool, typer.Option(help="Small numbers, to try the tool; never written to the docs.")
    ] = False,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the run.")] = False,
) -> None:
    """Measure reports per second and delay on a stack of the run's own, beside the stock way.

    Takes up to 8 minutes on two cores. A stack that runs already is not touched, but shares the machine: for figures
    that mean something, nothing else should run. The standard run writes its tables into docs/benchmarks.md; one with
    --quick, --rounds or --reports only prints them. The last line holds the figures.
    """
    sizes = (QUICK if quick else STANDARD).with_(rounds=rounds, reports=reports)
    with told_in_one_line("bench"):
        _measure_and_tell(sizes, keep=keep, publish=sizes == STANDARD)


def _measure_and_tell(sizes: Sizes, *, keep: bool, publish: bool) -> None:
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
    pages = [
        rates_page(figures),
        delay_page(figures),
        processor_page(figures),
        database_page(figures),
    ]
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    for page in pages:
        console.print(f"\n{page.title}", highlight=False)
        console.print(page.for_terminal())
    if publish:
        about = f"{machine}\\\n{said}"
        put_between_markers(
            _DOCUMENT, "\n\n".join([about, *(page.as_markdown() for page in pages)])
        )
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
    app(prog_name="python -m benchmarks")


if __name__ == "__main__":
    main()
