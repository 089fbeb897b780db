"""What the measurements give."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: reports a second, and milliseconds of processor time per report by process.

    `to_register`: for rounds in which the register was waited for.
    """

    rate: float
    milliseconds: Mapping[str, float]
    to_register: float | None = None
