"""How a run begins and ends for whoever started it: one line when it cannot go on, nothing left running."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from benchmarks.trouble import BenchFailed
from deploy.local.facts.ports import PortTaken
from deploy.local.facts.state_directory import UnusableStateDirectory
from deploy.local.stack.stack import StackFailed
from deploy.local.supervision.supervisor import SupervisorAway
from deploy.runtime.paths import RuntimeMissing
from deploy.runtime.progress import InstallFailed
from jms_transport import TransportError


@contextmanager
def told_in_one_line(name: str) -> Iterator[None]:
    """Turn what a person can do something about, and Ctrl-C, into a line and an exit code."""
    # Ctrl-C and TERM end the run and its stack, also for a shell that has its background jobs ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    except (
        BenchFailed,
        InstallFailed,
        PortTaken,
        RuntimeMissing,
        StackFailed,
        SupervisorAway,
        TransportError,
        UnusableStateDirectory,
    ) as error:
        print(f"{name}: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        print(f"{name}: broken off", file=sys.stderr)
        raise typer.Exit(130) from None
