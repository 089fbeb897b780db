"""Everything else that an event says, as names and texts: nothing is lost but secrets.

EndDeviceEventDetails, the event's other names, the names and the description of its type, and the raw fields by which
vendors tell their own code. A value with a structure is written as text (``230 V``; else ``name=value`` of each leaf);
a name without a value is kept with an empty one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iec_connector.understanding.identifiers import LONGEST_IDENTIFIER
from iec_connector.understanding.naming.identity import (
    clipped,
    names_in,
)
from iec_connector.understanding.secret_places.assignments import without_secrets
from iec_connector.understanding.secret_places.names import REMOVED_SECRET, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.source import Limits

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_MOST_LEAVES = 50
_NONE = frozenset({"", "none", "unitless", "na", "n/a"})
_DETAILS = ("enddeviceeventdetails", "enddeviceeventdetail")
# Details that name the firmware an event is about, the most telling first.
_VERSION_DETAILS = (
    "newfirmwareversion",
    "firmwareversion",
    "activefirmwareversion",
    "fwversion",
    "firmwareid",
    "firmware",
    "newversion",
    "version",
)


def details_of(
    event: Element, types: Iterable[Element], code: str, limits: Limits
) -> dict[str, str]:
    """The details by name; a name that comes twice gets a number."""
    details: dict[str, str] = {}
    dropped = 0
    for name, value in _said(event, types, code):
        if len(details) >= limits.entries:
            dropped += 1
            continue
        key = unused = clipped(name, LONGEST_IDENTIFIER)
        number = 2
        while unused in details:
            unused = f"{key} ({number})"
            number += 1
        secret = is_secret_name(name) and bool(value)
        details[unused] = REMOVED_SECRET if secret else clipped(value, limits.text)
    if dropped:
        details["…"] = f"{dropped} more are not kept"
    return details


def firmware_version(details: Mapping[str, str]) -> str:
    """The version that the details name, the most telling first."""
    by_name = {_NOT_ALPHANUMERIC.sub("", name.lower()): value for name, value in details.items()}
    return next((by_name[name] for name in _VERSION_DETAILS if by_name.get(name)), "")


def _said(event: Element, types: Iterable[Element], code: str) -> Iterator[tuple[str, str]]:
    for detail in event.all_of(_DETAILS):
        yield from _of_detail(detail)
    for name in names_in(event):
        yield name.type or "name", name.value
    for field in ("type", "issuerID", "userID", "description"):
        text = event.text(field.lower())
        if text:
            yield field, text
    status = event.first("status")
    said = "" if status is None else status.text("value") or status.own_text
    if said:
        yield "status", said
    for kind in types:
        yield from _of_type(kind, code)


def _of_detail(detail: Element) -> Iterator[tuple[str, str]]:
    """Yield a detail's name and value; its other children as ``name.child``."""
    pair = detail.pair("name", "value")
    if pair is None:
        for entry in detail.all_of(_DETAILS) or [detail]:
            yield from _of_other_detail(entry)
        return
    # As nearly all are.
    name, said = pair[0] or detail.attribute("name"), pair[1]
    if name or said:
        yield name or "detail", said


def _of_other_detail(detail: Element) -> Iterator[tuple[str, str]]:
    value, unit = detail.first("value"), ""
    name = _text(detail.first("name")) or detail.attribute("name")
    others: list[tuple[str, str]] = []
    for child in detail:
        if child.name in ("", "name", "value"):
            continue
        text = _text(child)
        if child.name in ("unit", "unitsymbol") and child.is_leaf and value is not None:
            unit = text
        elif text:
            others.append((child.written_name, text))
    values = filter(None, map(_text, detail.all("value")))
    said = ", ".join(values) if value is not None else detail.attribute("value") or detail.own_text
    if unit.lower() not in _NONE and said:
        said = f"{said} {unit}"
    if name or said:
        yield name or "detail", said
    for other, text in others:
        yield f"{name}.{other}" if name else other, text


def _of_type(kind: Element, code: str) -> Iterator[tuple[str, str]]:
    for field in ("description", "aliasName"):
        text = kind.text(field.lower())
        if text:
            yield field, text
    for name in names_in(kind):
        if name.value != code:
            yield name.type or "name", name.value


def _text(element: Element | None) -> str:
    """What an element says, as one text."""
    if element is None:
        return ""
    if element.is_leaf:
        return element.own_text
    value = element.first("value")
    unit, multiplier = element.text("unit"), element.text("multiplier")
    if value is not None and (unit or multiplier or len(element.node) == 1):
        shown = f"{'' if multiplier.lower() in _NONE else multiplier}{'' if unit.lower() in _NONE else unit}"
        return f"{_text(value)} {shown}".strip()
    leaves: list[str] = [element.own_text] if element.own_text else []
    for node in element.node.iter():
        if len(leaves) >= _MOST_LEAVES:
            leaves.append("…")
            break
        tag: str = node.tag  # type: ignore[assignment]
        name, text = tag.rpartition("}")[2], (node.text or "").strip()
        if len(node) or not text or node is element.node:
            continue
        leaves.append(f"{name}={REMOVED_SECRET if is_secret_name(name) else text}")
    return without_secrets(", ".join(leaves))
