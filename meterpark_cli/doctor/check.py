"""The result of a check, and the limits for "fine"."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step: ``state`` says whether it is well, ``finding`` what was seen, ``remedy`` what to do about it."""

    name: str
    state: Literal["fine", "wrong", "not checked"]
    finding: str
    remedy: str = ""
    # Since when it is wrong, in RFC 3339, where that is known.
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits for "fine".

    The age of the newest contact, how long the register may be behind the journal, and how long something may wait
    without progress.
    """

    silence_seconds: float
    patience_seconds: float
    standstill_seconds: float
