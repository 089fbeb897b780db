"""EndDeviceControls: orders to a device, and their outcomes.

The status gives the outcome; without a known status the verb does: ``created`` and ``changed`` are orders,
``executed`` and ``closed`` their end, ``canceled`` and ``deleted`` that they were called off. The device's switch is
moved by its own event or configuration, never by an order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iec_connector.understanding.described.texts import CONFIGURATION_EVENTS
from iec_connector.understanding.findings.statement import Statement, items_of, status_text
from iec_connector.understanding.further.devices_named import devices_of, names_no_device
from iec_connector.understanding.identifiers import LONGEST_IDENTIFIER
from iec_connector.understanding.naming.identity import clipped, names_in
from iec_connector.understanding.nouns import ITEMS, Verb, verb_of
from iec_connector.understanding.report import ControlOutcome, Outcome
from iec_connector.understanding.secret_places.names import REMOVED_SECRET, is_secret_name
from iec_connector.understanding.times import first_of, moment_at
from iec_connector.understanding.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading
    from iec_connector.understanding.times import Moment

OUTCOMES = {
    Outcome.FAILED: (
        *("failed", "failure", "fail", "error", "rejected", "refused", "denied", "timeout"),
        *("timedout", "aborted", "unsuccessful", "notexecuted", "notsupported", "expired"),
    ),
    Outcome.EXECUTED: (
        *("executed", "succeeded", "success", "successful", "completed", "complete", "done"),
        *("finished", "confirmed", "ok"),
    ),
    Outcome.CANCELED: ("canceled", "cancelled", "withdrawn", "revoked", "superseded"),
    Outcome.ORDERED: (
        *("created", "ordered", "requested", "received", "accepted", "acknowledged", "queued"),
        *("scheduled", "pending", "sent", "submitted", "started", "inprogress", "executing"),
        *("waiting", "open", "new", "active"),
    ),
}
"""What the words of a status say of an order, without signs and in lower case."""

_OF_WORD = {word: outcome for outcome, words in OUTCOMES.items() for word in words}
_OF_VERB = {
    Verb.CREATED: Outcome.ORDERED,
    Verb.CHANGED: Outcome.ORDERED,
    Verb.EXECUTED: Outcome.EXECUTED,
    Verb.CLOSED: Outcome.EXECUTED,
    Verb.CANCELED: Outcome.CANCELED,
    Verb.DELETED: Outcome.CANCELED,
}
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_KNOWN = frozenset(
    {
        *(
            "mrid",
            "reason",
            "issuerid",
            "issuertrackingid",
            "userid",
            "status",
            "enddevicecontroltype",
        ),
        *("enddevices", "enddevice", "assets", "meter", "meters", "names", "name"),
        *("enddevicegroups", "usagepoints", "usagepointgroups", *CONFIGURATION_EVENTS),
    }
)
_ACTIONS = ("enddeviceaction", "enddeviceactions", "action")


def read_controls(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per control and device in the part."""
    items = list(items_of(part, ITEMS[part.noun]))
    if not items and not part.element.is_leaf:
        # The control itself stands where its container should.
        items = [part.element]
    for item in items:
        if isinstance(item, Unreadable):
            yield item
            continue
        try:
            yield from _control(part, item, reading)
        except Unreadable as unreadable:
            yield unreadable


def _control(part: Part, control: Element, reading: Reading) -> Iterator[Finding]:
    devices = devices_of(control, part, reading)
    if not devices:
        raise names_no_device(control)
    status = control.first("status")
    action = next((found for name in _ACTIONS if (found := control.first(name))), None)
    code = _code(control)
    content = ControlOutcome(
        outcome=outcome_of(status_text(status), part.verb),
        code=code,
        code_name=reading.source.codes.name(code),
        action=reading.text(action, "command", "name") or reading.text(control, "action"),
        control_mrid=reading.text(control, "mrid"),
        issuer_tracking_id=reading.text(control, "issuertrackingid"),
        author=reading.text(control, "userid", "issuerid"),
        status=reading.clip(status_text(status)),
        reason=reading.text(status, "reason") or reading.text(control, "reason"),
        remark=reading.text(status, "remark"),
        details=_details(control, action, reading),
    )
    moment = _moment(control, status, reading)
    for each in devices:
        if isinstance(each, Unreadable):
            yield each
        else:
            identity, element = each
            yield Statement(identity, content, moment, element)


def outcome_of(status: str, verb: str) -> Outcome:
    """What became of an order: by the last word of its status (``control.state.failed``), else by the verb."""
    word = _NOT_ALPHANUMERIC.sub("", status.rpartition(".")[2].lower())
    return _OF_WORD.get(word) or _OF_VERB.get(verb_of(verb), Outcome.ORDERED)


def _code(control: Element) -> str:
    kind = control.first("enddevicecontroltype")
    if kind is None:
        return clipped(control.attribute("enddevicecontroltype"), LONGEST_IDENTIFIER)
    names = (name.value for name in names_in(kind))
    said = kind.attribute("ref") or kind.own_text or next(names, "")
    return clipped(said, LONGEST_IDENTIFIER)


def _moment(control: Element, status: Element | None, reading: Reading) -> Moment:
    """When it was so: by the status, else by the control itself; not when it is scheduled for."""
    zone = reading.source.zone
    return first_of(
        moment_at(status, zone, "datetime"),
        moment_at(control, zone, "createddatetime", "timestamp", "executeddatetime"),
        moment_at(control.first(*CONFIGURATION_EVENTS), zone, "createddatetime"),
    )


def _details(control: Element, action: Element | None, reading: Reading) -> dict[str, str]:
    """What else is said of the order: its other fields, one level deep, and those of its action."""
    limits = reading.source.limits
    details: dict[str, str] = {}
    for prefix, element in (("", control), ("EndDeviceAction/", action)):
        for child in element or ():
            if child.name in (("", "command") if prefix else ("", *_KNOWN, *_ACTIONS)):
                continue
            fields = [child] if child.is_leaf else [each for each in child if each.is_leaf]
            for each in fields:
                path = (
                    child.written_name
                    if each is child
                    else f"{child.written_name}/{each.written_name}"
                )
                if not each.own_text or len(details) >= limits.entries:
                    continue
                secret = is_secret_name(each.written_name)
                value = REMOVED_SECRET if secret else clipped(each.own_text, limits.text)
                details.setdefault(clipped(prefix + path, LONGEST_IDENTIFIER), value)
    return details
