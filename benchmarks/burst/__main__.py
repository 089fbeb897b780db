"""`python -m benchmarks.burst`: measure bursts of one meter on this machine."""

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

from benchmarks.burst.result import VERB, burst_page, last_line
from benchmarks.burst.run import measure
from benchmarks.ending import told_in_one_line
from benchmarks.instruments.machine import Machine, version_line, versions
from benchmarks.result import put_between_markers
from benchmarks.stack.bench_stack import bench_stack
from deploy.runtime.paths import installed_runtime

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_WIDTH = 130


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
        figures = runner.run(measure(stack, tell))
        tell("ending the stack")
    page = burst_page(figures)
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
    # What parts of the services log while they serve the measurement is not for the terminal.
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(bench)
    app(prog_name="python -m benchmarks.burst")


if __name__ == "__main__":
    main()
