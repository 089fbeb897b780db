"""Warnings and errors of the log, by what they say: most trouble has a line of its own."""

from typing import Final

from service_chassis.logs import LogLines
from service_metrics.declared import counter
from service_metrics.instruments import Instruments

LINES: Final = counter(
    "meterpark.log.lines",
    "{line}",
    "Lines of the log that warn or tell an error. docs/operations.md says what to do about each.",
    {"level": "warning, error, critical", "event": "what the line says; of a library, its name"},
)


def observe_log_lines(instruments: Instruments, lines: LogLines) -> None:
    """Observe what `configure_logs` counts."""
    instruments.observe(LINES, lambda: [(count, key) for key, count in lines.counts.items()])
