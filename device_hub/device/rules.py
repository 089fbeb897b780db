"""The figures that an operator may set, and that decisions depend on."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    # A contact sooner than this after the last recorded one leaves no trace.
    contact_interval: timedelta = timedelta(hours=1)
    # A device in the field that was not heard for this long has fallen silent.
    silence_after: timedelta = timedelta(hours=26)
    # How far a source's clock may run ahead of ours before its times are not believed.
    clock_tolerance: timedelta = timedelta(minutes=5)


DEFAULT_RULES = Rules()
