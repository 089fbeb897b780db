"""A verb that measures: says how far it is, prints its tables, and writes them into docs/benchmarks.md."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
import typer
import uvloop
from rich.console import Console

from benchmarks.instruments.machine import Machine, commit, version_line, versions
from benchmarks.instruments.raw import keep
from benchmarks.result import Page, put_between_markers
from benchmarks.stack.bench_stack import BenchStack, bench_stack
from deploy.runtime.paths import installed_runtime

Figures = TypeVar("Figures")

_DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
# Where no terminal says how wide it is.
_WIDTH: Final = 130


class Run:
    """One run, from its first line to its last."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.machine = Machine.here()
        self.tell(str(self.machine))

    def tell(self, text: str) -> None:
        """Print a line with the seconds since the beginning."""
        print(f"{time.monotonic() - self._started:6.1f} s  {text}", flush=True)

    def on_a_stack(
        self, measure: Callable[[BenchStack], Coroutine[Any, Any, Figures]], *, keep: bool
    ) -> tuple[Figures, str]:
        """Return what ``measure`` finds on a stack of the run's own, and the versions of what that runs on."""
        runtime = installed_runtime(os.environ)
        self.tell("starting a stack of the run's own")
        with (
            bench_stack(runtime, os.environ, keep=keep) as stack,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            said = version_line(versions(runtime, stack.mongodb_url))
            self.tell(f"ready: {said}")
            figures = runner.run(measure(stack))
            self.tell("ending the stack")
        return figures, said

    def keep_samples(self, verb: str, samples: Mapping[str, object]) -> None:
        """Keep every sample in a file below the folder of stacks, and tell where."""
        state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        folder = Path(state) / "meterpark" / "figures"
        machine = {"machine": str(self.machine), "commit": commit()}
        file = keep(folder, verb, self.machine.began_at, {**machine, **samples})
        self.tell(f"samples: {file}")

    def end(self, pages: Sequence[Page], said: str, last_line: str, *, verb: str | None) -> None:
        """Print tables, time and ``last_line``; put the tables between the markers of ``verb``, if there is one."""
        console = Console(width=None if sys.stdout.isatty() else _WIDTH)
        for page in pages:
            console.print(f"\n{page.title}", highlight=False)
            console.print(page.for_terminal())
        if verb is not None:
            about = f"{self.machine}\\\n{said}"
            section = "\n\n".join([about, *(page.as_markdown() for page in pages)])
            put_between_markers(_DOCUMENT, section, verb)
            print(f"written to {_DOCUMENT.relative_to(_DOCUMENT.parents[1])}")
        print(f"took {time.monotonic() - self._started:.0f} s on {self.machine}; {said}")
        print(last_line)


def run_command(command: Callable[..., None], name: str) -> None:
    """Run the one command of ``python -m <name>``."""
    # What parts of the services log while they serve the measurement is not for the terminal.
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    app(prog_name=f"python -m {name}")
