"""Events that were closed, canceled or deleted: the condition that they announced is over.

The verb says so, or the status of an event that was changed: in one that was created, the status may be that of its
handling.
Cleared where its meaning has a counterpart, else noted, with the verb in the details. It ended when its status says,
else when the message was made: ``createdDateTime`` tells when it began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.nouns import ENDING_VERBS, Verb, verb_of
from iec_connector.understanding.report import Meaning
from iec_connector.understanding.times import first_of, moment_at

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.times import Moment

COUNTERPARTS = {
    Meaning.POWER_LOST: Meaning.POWER_RESTORED,
    Meaning.PHASE_LOST: Meaning.PHASE_RESTORED,
    Meaning.TAMPER_DETECTED: Meaning.TAMPER_CLEARED,
    Meaning.COMMUNICATION_LOST: Meaning.COMMUNICATION_ESTABLISHED,
    Meaning.FAULT: Meaning.FAULT_CLEARED,
}
"""What it means that an event of this meaning ended. Of all others it is only noted."""

ENDED = "ended"
"""The detail with the verb by which the event ended."""

ENDING_STATUS = frozenset(
    {
        *("closed", "cleared", "resolved", "ended", "canceled", "cancelled", "deleted", "inactive"),
        *("deactivated", "withdrawn", "over"),
    }
)
"""What the status of a changed event says when it is over."""

_ENDS = ("closeddatetime", "enddatetime", "cleareddatetime", "cancelleddatetime")


def ended_by(event: Element, verb: str) -> str:
    """The word by which the event was ended: the verb, or its status; empty when it was not."""
    said = verb_of(verb)
    if said in ENDING_VERBS:
        return verb.strip()
    status = event.first("status")
    if said is not Verb.CHANGED or status is None:
        return ""
    word = status.text("value") or status.own_text
    return word if word.rpartition(".")[2].lower() in ENDING_STATUS else ""


def meaning_of_end(meaning: Meaning) -> Meaning:
    """What follows from the end of an event."""
    return COUNTERPARTS.get(meaning, Meaning.NOTED)


def moment_of_end(event: Element, began: Moment, said_at: datetime | None, zone: tzinfo) -> Moment:
    """When it ended: never before it began."""
    ended = first_of(
        moment_at(event, zone, *_ENDS), moment_at(event.first("status"), zone, "datetime")
    )
    for at in (ended.at, said_at):
        if at is not None and (began.at is None or at >= began.at):
            assumed = ended.zone_assumed if at is ended.at else False
            return began._replace(at=at, zone_assumed=assumed, stated_at=None)
    return began
