"""The progress of a running simulator: one line from time to time, for a terminal or a log."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from service_chassis.logs import configure_logs

if TYPE_CHECKING:
    from hes_simulator.sending.running import Report


def progress_lines() -> Report:
    """Return the reporter: plain lines on a terminal, JSON log lines elsewhere; both on standard error."""
    if sys.stderr.isatty():
        logging.basicConfig(format="%(message)s", level=logging.WARNING)
        return _plain
    configure_logs("hes-simulator")
    log = structlog.get_logger()

    def as_json(counts: dict[str, int]) -> None:
        log.info("sent so far", **{what.replace(" ", "_"): n for what, n in counts.items()})

    return as_json


def _plain(counts: dict[str, int]) -> None:
    others = ", ".join(
        f"{what.removeprefix('fact ').removeprefix('fault ')} {count}"
        for what, count in counts.items()
        if what not in ("sent", "unsent")
    )
    typer_line = f"sent {counts['sent']} messages, {counts['unsent']} to go: {others}"
    sys.stderr.write(typer_line + "\n")
