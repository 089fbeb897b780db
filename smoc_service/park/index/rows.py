"""Devices on their way into the index, one list per column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Everything that the index gets about some devices; each list has one item per device, in the same order."""

    # Each device once.
    device_ids: Sequence[str]
    # Devices that are not to be found any more; none of those above.
    gone: Sequence[str] = ()
    networks: Sequence[str]
    # By category; "" where there is none.
    words: Mapping[str, Sequence[str]]
    # Each sorted, each tag once.
    tags: Sequence[tuple[str, ...]]
    # By moment; with time zone, in whole milliseconds; None where there is none.
    moments: Mapping[str, Sequence[datetime | None]]
    # By name; whole numbers of 64 bits with a sign.
    numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    # By name; "" when absent. Sort keys, as they are written.
    keys: Mapping[str, Sequence[str]]
    # Texts that are searched by beginning and end.
    texts: Sequence[tuple[str, ...]]
    # Latitude and longitude in degrees; None where there is none.
    places: Sequence[tuple[float, float] | None]
