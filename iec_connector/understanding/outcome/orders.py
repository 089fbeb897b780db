"""Orders: an order has not happened yet.

A message is an order when its verb is in the imperative (``create``, ``delete``, ``execute``) and its root is a
``RequestMessage``, a generic ``Message`` or a typed ``CreateMeterConfig``, and it answers nothing. In an
``EventMessage`` the imperative is taken for the past tense: real feeds write ``Create`` for an event that was created.

No sender orders an event or a measurement: EndDeviceEvents that are created or
changed, and readings with values, are facts in whatever they come. So is that a control (EndDeviceControls) was
ordered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.nouns import ENDING_VERBS, Noun, Verb, verb_of
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from iec_connector.understanding.envelope.envelope import Envelope
    from iec_connector.understanding.envelope.parts import Part

IMPERATIVES = frozenset(
    {"create", "change", "close", "delete", "cancel", "execute", "add", "update", "remove", "new"}
)
"""Verbs of a request. All others are statements (``created``), or no verbs of the standard (``send``)."""


def order_in(envelope: Envelope, header_verb: str, part: Part) -> Unreadable | None:
    """Why the part is an order and no report, or ``None``. Not for messages with a ``Reply``."""
    if envelope.bare or envelope.kind == "response":
        return None
    if verb_of(part.verb) is Verb.GET:
        return Unreadable(
            Reason.NOT_A_REPORT,
            f"{part.verb} {part.written_noun} is a query, not a report",
            at=part.element,
        )
    if envelope.kind == "event":
        return None
    written = header_verb.strip().lower()
    asks = written in IMPERATIVES or envelope.message.first("request") is not None
    if envelope.kind == "request":
        asks = asks or verb_of(written) in (Verb.MISSING, Verb.UNKNOWN)
    if not asks or _is_fact_by_nature(part):
        return None
    root = envelope.message.written_name
    return Unreadable(
        Reason.NOT_A_REPORT,
        f"{header_verb or 'a verb is missing:'} {part.written_noun} in a {root} is an order, not a report:"
        " what became of it, an event or a reply tells",
        at=part.element,
    )


def _is_fact_by_nature(part: Part) -> bool:
    if part.noun is Noun.METER_READINGS:
        return True
    verb = verb_of(part.verb)
    if part.noun is Noun.CONTROLS:
        # For a control, the order itself is reported.
        return verb in (Verb.CREATED, Verb.CHANGED)
    return part.noun is Noun.END_DEVICE_EVENTS and verb not in ENDING_VERBS
