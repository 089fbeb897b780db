"""The facet rule: the newest occurrence wins, in any order of arrival.

Two occurrences at the same time (head-end systems often write whole seconds) are ranked, so that the
order of arrival decides nothing here either:

    facet           wins a tie     because
    supply, phase   ON             a loss and a restore within one second are a blip that is over
    communication   REACHABLE      the same
    firmware        CURRENT, then FAILED, then UPDATING: an end beats its start
    switch          CONNECTED      whoever works on the line must assume that it is live
    tamper, fault   DETECTED, PRESENT: an alarm is not hidden by a tie

A supply that was inferred to be ON yields to a loss reported for the same time.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from device_hub.device.values import (
    Communication,
    Facet,
    Fault,
    Firmware,
    Phase,
    Power,
    Switch,
    Tamper,
)

# Causes that are no event code. Published and stored: never rename one.
INFERRED: Final = "inferred from contact"
CONTACT: Final = "contact"
SILENCE: Final = "silence"
CONFIGURATION: Final = "MeterConfig"
LINKAGE: Final = "MasterDataLinkageConfig"
SHIPMENT: Final = "shipment"
JOINED: Final = "joined"

_TIES: Final = (
    (Power.UNKNOWN, Power.OFF, Power.PARTIAL, Power.ON),
    (Phase.UNKNOWN, Phase.LOST, Phase.ON),
    (Communication.UNKNOWN, Communication.LOST, Communication.REACHABLE),
    (Firmware.UNKNOWN, Firmware.UPDATING, Firmware.FAILED, Firmware.CURRENT),
    (Switch.UNKNOWN, Switch.DISCONNECTED, Switch.CONNECTED),
    (Tamper.UNKNOWN, Tamper.CLEAR, Tamper.DETECTED),
    (Fault.UNKNOWN, Fault.NONE, Fault.PRESENT),
)
_RANK: Final = {(type(value), value): rank for tie in _TIES for rank, value in enumerate(tie)}

V = TypeVar("V", bound=StrEnum)


def newer(facet: Facet[V], value: V, at: datetime, cause: str) -> Facet[V]:
    """Return the facet after ``value`` was reported to have happened at ``at``."""
    if facet.as_of is None or at > facet.as_of:
        return Facet(value, at, cause)
    if at < facet.as_of:
        return facet
    if value == facet.value:
        # A report now states what was inferred. A later report of the same time is compared with this report.
        return Facet(value, at, cause) if facet.cause == INFERRED else facet
    wins_tie = facet.cause == INFERRED or _rank(value) > _rank(facet.value)
    return Facet(value, at, cause) if wins_tie else facet


def _rank(value: StrEnum) -> int:
    return _RANK[type(value), value]
