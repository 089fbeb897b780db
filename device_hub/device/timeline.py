"""What people read of a device's history: one entry per event, made by the event itself (`events`).

Published is not stored: this may change with what people need to read, `device_hub.journal.event_codec` may not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from device_hub.device.attributes import LIFE_DATES, NAMES
from device_hub.device.values import Flag, Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """``occurred_at`` gives the order; the details hold a stated time that was not trusted.

    Kind, code, flags and details hold all that the English ``summary`` says, for who writes in another language.
    """

    kind: str
    summary: str
    occurred_at: datetime
    received_at: datetime
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


def entry_at(
    when: Occurrence,
    kind: str,
    summary: str,
    details: Mapping[str, str] | None = None,
    code: str = "",
) -> TimelineEntry:
    """Return the entry of what happened at ``when``, with its flags."""
    return TimelineEntry(
        kind=kind,
        summary=summary,
        occurred_at=when.at,
        received_at=when.received_at,
        code=code,
        details=details or {},
        flags=tuple(flag.value for flag in when.flags),
    )


def add_ours(details: dict[str, str], ours: Mapping[str, str], when: Occurrence) -> None:
    """Add our own words where the message does not use them itself."""
    for word, text in ours.items():
        if text:
            details.setdefault(word, text)
    if Flag.CLOCK_SUSPECT in when.flags and when.stated_at is not None:
        details.setdefault("stated_time", when.stated_at.isoformat())


def spoken(word: str) -> str:
    """Return an attribute's word as people read it."""
    return word.removeprefix(NAMES).removeprefix(LIFE_DATES).replace("_", " ")
