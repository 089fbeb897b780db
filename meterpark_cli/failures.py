"""How a command ends when it fails: one line on standard error, and an exit code."""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any, NoReturn

import typer

from meterpark_cli.showing.printable import printable

_INTERRUPTED = 130


class ExitCode(IntEnum):
    FINE = 0
    ANSWER_IS_NO = 1
    WRONG_USAGE = 2
    UNREACHABLE = 3


class Failure(Exception):
    """The command failed; the text is the one line for the user."""

    exit_code = ExitCode.ANSWER_IS_NO


class WrongUsage(Failure):
    exit_code = ExitCode.WRONG_USAGE


class Refused(Failure):
    """A service said no, and why: ``reason`` is the word of its ErrorInfo."""

    def __init__(self, app_id: str, reason: str, detail: str) -> None:
        super().__init__(f"{app_id} refuses: {reason}: {detail}")
        self.reason = reason


class Denied(Failure):
    """The sidecar's access policy does not let this command make this call."""


class NotAllowed(Failure):
    """The caller has no right: not logged in, no role for it, or another network. A retry does not help."""


class Unreachable(Failure):
    exit_code = ExitCode.UNREACHABLE


def run(work: Coroutine[Any, Any, ExitCode]) -> NoReturn:
    """Do the work, then exit with its code; print a failure in one line, without a traceback."""
    import structlog  # noqa: PLC0415 - `meterpark --help` shall not wait for it

    # What the libraries log is for the logs of services, not for this terminal.
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    try:
        code = asyncio.run(work)
    except Failure as failure:
        sys.stderr.write(f"meterpark: {printable(str(failure))}\n")
        raise typer.Exit(failure.exit_code) from None
    except OSError as error:
        if error.filename is None:
            raise
        # A directory that cannot be written, a full disk.
        sys.stderr.write(f"meterpark: {printable(f'{error.filename}: {error.strerror}')}\n")
        raise typer.Exit(ExitCode.ANSWER_IS_NO) from None
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None
    raise typer.Exit(code)
