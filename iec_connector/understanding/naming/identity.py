"""Which device. Where integrations break: see ``Source.device_identifiers`` and `identifiers`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.identifiers import (
    LONGEST_IDENTIFIER,
    UNKNOWN_SCHEME,
    Identifier,
    is_nil,
    plain_type,
    said_of,
    scheme_of,
)
from iec_connector.understanding.secret_places.names import REMOVED_SECRET, is_secret_name
from iec_connector.understanding.source import ANY_SINGLE_NAME
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iec_connector.understanding.element import Element


class Name(NamedTuple):
    """One ``Names`` element: the name, its type (``""`` without), and the type's authority."""

    type: str
    value: str
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A device as the message names it. ``authority`` is that of the name that was used, or of any name.

    ``identifiers`` are all that it calls the device, as written, the one that was used first. ``nil_values`` stand
    where it knows no identifier.
    """

    identifier: str
    authority: str = ""
    identifiers: tuple[Identifier, ...] = field(default=(), compare=False)
    nil_values: tuple[Identifier, ...] = field(default=(), compare=False)


def names_in(element: Element) -> list[Name]:
    """The names of an object: ``Names{name, NameType{name, NameTypeAuthority{name}}}``, and a plain ``name``.

    Several names with as many types in one ``Names`` belong together in order.
    """
    found: list[Name] = []
    for entry in element.all("names") + element.all("name"):
        if entry.is_leaf:
            if entry.own_text:
                found.append(Name("", entry.own_text))
            continue
        inner = entry.branches("name")
        if inner:
            found += [name for nested in inner for name in names_in_entry(nested)]
        else:
            found += names_in_entry(entry)
    return found


def names_in_entry(entry: Element) -> list[Name]:
    """The names in one ``Names`` element."""
    values = entry.texts("name")
    types = entry.all("nametype")
    if len(types) != len(values):
        types = types[:1] * len(values)
    named: list[Name] = []
    for position, value in enumerate(values):
        if not value:
            continue
        if not types:
            named.append(Name(entry.attribute("nametype", "type"), value))
            continue
        kind = types[position]
        authority = kind.first("nametypeauthority")
        named.append(
            Name(
                kind.text("name") or kind.own_text,
                value,
                (authority.text("name") or authority.own_text) if authority is not None else "",
            )
        )
    return named


def names_by_type(names: Iterable[Name], *, entries: int, text: int) -> dict[str, str]:
    """Names for a report: by type, without secrets, bounded."""
    by_type: dict[str, str] = {}
    for name in names:
        if len(by_type) >= entries:
            by_type["…"] = "more are not kept"
            break
        value = REMOVED_SECRET if is_secret_name(name.type) else clipped(name.value, text)
        by_type.setdefault(clipped(name.type or "name", LONGEST_IDENTIFIER), value)
    return by_type


def clipped(text: str, longest: int) -> str:
    """``text``, or its beginning with an ellipsis when it is longer than a report takes."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def identify(
    element: Element, identifiers: Sequence[str], *, names_others: bool = False
) -> Identity:
    """The device that ``element`` (a Meter, EndDevice, Assets) is about.

    ``names_others``: the element is an event or a reading itself; but for the identifier that is looked for, its names
    are its own.

    Raises:
        Unreadable: ``DEVICE_MISSING`` or ``DEVICE_INVALID``, with the place.
    """
    written = names_in(element)
    names = [name for name in written if not is_nil(name.value)]
    values = {plain_type(name.type): name for name in reversed(names) if name.type}
    for wanted in identifiers:
        used = (
            _single(element, names)
            if wanted == ANY_SINGLE_NAME
            else _wanted(element, names, values, plain_type(wanted))
        )
        if used is not None:
            authority = used.authority or next((n.authority for n in names if n.authority), "")
            # A single name may be of any kind: its type says nothing.
            scheme = UNKNOWN_SCHEME if wanted == ANY_SINGLE_NAME else scheme_of(wanted)
            chosen = Identifier(scheme, checked_identifier(used.value, element))
            if names_others:
                return Identity(chosen.value, authority, (chosen,))
            others = [(name.type, name.value) for name in written]
            return Identity(chosen.value, authority, *said_of(chosen, element, others))
    raise Unreadable(
        Reason.DEVICE_MISSING,
        f"{element.written_name} names no device by {_looked_for(identifiers)}"
        + _there_was(written)
        + _nil_values(element, written),
        at=element,
    )


def _looked_for(identifiers: Sequence[str]) -> str:
    return ", ".join(identifiers).replace(ANY_SINGLE_NAME, "any single name")


def _there_was(names: Sequence[Name]) -> str:
    kinds = ", ".join(sorted({name.type or "without type" for name in names})[:9])
    return f"; it has names of type {clipped(kinds, 300)}" if kinds else "; it has no names"


def _nil_values(element: Element, names: Sequence[Name]) -> str:
    """Return the text about values that name no device."""
    said = [element.text("serialnumber"), element.text("mrid"), *(name.value for name in names)]
    nil = dict.fromkeys(clipped(text, 40) for text in said if text and is_nil(text))
    listed = ", ".join(repr(text) for text in list(nil)[:5])
    return f"; {listed} is a value that names no device" if nil else ""


def own_names_only(identifiers: Sequence[str]) -> list[str]:
    """The identifiers to try on an event or a reading itself: its mRID and unknown names are not a device's."""
    return [
        wanted
        for wanted in identifiers
        if wanted != ANY_SINGLE_NAME and plain_type(wanted) != "mrid"
    ]


def _wanted(
    element: Element, names: list[Name], by_type: dict[str, Name], wanted: str
) -> Name | None:
    used = by_type.get(wanted)
    if used is not None:
        others = {name.value for name in names if plain_type(name.type) == wanted}
        if len(others) > 1:
            raise Unreadable(
                Reason.DEVICE_INVALID,
                f"{element.written_name} has {len(others)} different names of type {clipped(used.type, 60)}",
                at=element,
            )
        return used
    if wanted in ("serialnumber", "mrid"):
        value = element.text(wanted) or (_referred_to(element) if wanted == "mrid" else "")
        return Name(wanted, value) if value and not is_nil(value) else None
    return None


def _single(element: Element, names: list[Name]) -> Name | None:
    candidates = [
        *names,
        *(
            Name(kind, element.text(kind))
            for kind in ("serialnumber", "mrid")
            if element.text(kind) and not is_nil(element.text(kind))
        ),
    ]
    if not candidates:
        value = _referred_to(element) or (element.own_text if element.is_leaf else "")
        return Name("", value) if value and not is_nil(value) else None
    return candidates[0] if len({name.value for name in candidates}) == 1 else None


def _referred_to(element: Element) -> str:
    """The mRID in a ``ref``; not one that leads to somewhere in the document (``#m1``)."""
    ref = element.attribute("ref")
    return "" if ref.startswith("#") else ref.removeprefix("urn:uuid:")


def checked_identifier(value: str, element: Element) -> str:
    """The identifier, if it can be one: 1 to 128 printable characters without ``/``, and no nil value."""
    identifier = value.strip()
    wrong = ""
    if not identifier:
        wrong = "is empty"
    elif len(identifier) > LONGEST_IDENTIFIER:
        wrong = f"is longer than {LONGEST_IDENTIFIER} characters"
    elif "/" in identifier:
        wrong = "contains /"
    elif not identifier.isprintable():
        wrong = "contains control or invisible characters"
    elif is_nil(identifier):
        wrong = "is a value that names no device"
    if wrong:
        raise Unreadable(
            Reason.DEVICE_INVALID,
            f"the device's identifier {identifier[:60]!r} {wrong}",
            at=element,
        )
    return identifier
