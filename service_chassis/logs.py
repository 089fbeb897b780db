"""One log line per action, as JSON on standard error."""

import logging
import sys
from collections import Counter
from typing import Final

import structlog
from structlog.typing import EventDict, WrappedLogger

_COUNTED: Final = frozenset({"warning", "error", "critical", "exception"})
# What a line says is a constant of the program. Should it not be, the memory has a bound.
_EVENTS_AT_MOST: Final = 300


class LogLines:
    """Counts the lines that warn or tell an error, by level and by what they say (of a library: its name)."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def own(self, _: WrappedLogger, method: str, line: EventDict) -> EventDict:
        """Count a line of ours, as a processor of structlog."""
        if method in _COUNTED:
            self._count(str(line["level"]), str(line["event"]))
        return line

    def library(self, _: WrappedLogger, __: str, line: EventDict) -> EventDict:
        """Count a line of a library, as a processor for records of the standard library."""
        if line["level"] in _COUNTED:
            self._count(str(line["level"]), str(line["logger"]))
        return line

    def _count(self, level: str, event: str) -> None:
        key = level, event
        if key in self.counts or len(self.counts) < _EVENTS_AT_MOST:
            self.counts[key] += 1


def configure_logs(service: str, level: str = "INFO") -> LogLines:
    """Make every log line of this process one JSON object with time, level, service and event.

    Returns what counts those that warn or tell an error.
    """
    lines = LogLines()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            lines.own,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    _join_standard_logging(level, lines)
    return lines


def _join_standard_logging(level: str, lines: LogLines) -> None:
    """Libraries log through the standard library; their lines take the same shape."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            lines.library,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.getLevelNamesMapping()[level], logging.WARNING))
