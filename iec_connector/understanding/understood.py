"""What understanding a message yields: its header, the reports in it, and the parts that give none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iec_connector.understanding.header import Header
    from iec_connector.understanding.report import Report
    from iec_connector.understanding.unreadable import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A message that was understood.

    ``reports`` and ``problems`` are in document order; record the reports, and put the message into the
    quarantine too when there are problems. ``network`` is the message's, or empty when each device has its own.
    ``passed_over`` counts unwanted content: nouns that the source ignores, readings without a value. Without reports
    and problems it is not empty.
    """

    header: Header
    network: str
    reports: tuple[Report, ...]
    problems: tuple[Problem, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
