"""Which code an event has: written at the event, or in a definition that it refers to.

Definitions (``EndDeviceEventType`` with an mRID, and the four parts or a code) stand beside the events, in the readings
that hold them, at the end of the payload: they are looked for in the whole document, once something refers to one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iec_connector.understanding.element import Element, Vocabulary
from iec_connector.understanding.identifiers import LONGEST_IDENTIFIER
from iec_connector.understanding.naming.identity import clipped, names_in
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.source import Source

_TYPE = "enddeviceeventtype"
_TYPE_PARTS = (("type",), ("domain",), ("subdomain",), ("eventoraction",))
_CODE_PARTS = (3, 4)
_MOST_DEFINITIONS = 10_000


@dataclass(slots=True)
class Definitions:
    """The definitions of one document, by everything that may refer to them."""

    element: Element
    source: Source
    _found: dict[str, tuple[str, Element]] | None = field(default=None)

    def of(self, ref: str) -> tuple[str, Element] | None:
        """Code and element of what ``ref`` refers to."""
        found = self._found
        if found is None:
            found = self._found = {}
            for definition in self._elements():
                code = code_of_definition(definition, self.source)
                keys = (definition.text("mrid"), *(name.value for name in names_in(definition)))
                for key in filter(None, keys) if code else ():
                    found.setdefault(plain_ref(key), (code, definition))
        return found.get(plain_ref(ref))

    def _elements(self) -> Iterator[Element]:
        vocabulary = Vocabulary(self.source.namespaces)
        number = 0
        for node in self.element.node.getroottree().iter(
            "{*}EndDeviceEventType", "{*}endDeviceEventType"
        ):
            # An event's own type has a ref, and is no definition.
            if len(node) and number < _MOST_DEFINITIONS:
                number += 1
                definition = Element(node, vocabulary)
                if definition.name == _TYPE:
                    yield definition


def plain_ref(text: str) -> str:
    """A reference as it is compared: without ``#`` and ``urn:uuid:``."""
    return text.strip().removeprefix("#").removeprefix("urn:uuid:").removeprefix("_")


def code_of(event: Element, definitions: Definitions) -> tuple[str, list[Element]]:
    """The event's code, and the elements that describe its type.

    Raises:
        Unreadable: ``EVENT_TYPE_MISSING``.
    """
    kind = event.first(_TYPE)
    said = ""
    if kind is not None:
        said = (
            kind.attribute("ref")
            or kind.own_text
            or code_of_definition(kind, definitions.source)
            or kind.text("mrid")
            or next((name.value for name in names_in(kind)), "")
        )
    said = said or event.attribute(_TYPE) or _code_of_edition_1(event)
    if not said:
        raise Unreadable(
            Reason.EVENT_TYPE_MISSING,
            f"{event.written_name} has no EndDeviceEventType/@ref",
            at=(kind or event),
        )
    described = [kind] if kind is not None else []
    if not is_code(said):
        own = code_of_definition(kind, definitions.source) if kind is not None else ""
        defined = None if own else definitions.of(said)
        if defined is not None:
            said = defined[0]
            described.append(defined[1])
        said = own or said
    return clipped(said, LONGEST_IDENTIFIER), described


def _code_of_edition_1(event: Element) -> str:
    """Edition 1 wrote the code as the event's category; a text that is not a numeric code is no type."""
    return next(filter(is_code, (event.text("category"), event.text("type"))), "")


def is_code(text: str) -> bool:
    """Whether it is a code in numbers, which refers to nothing."""
    parts = text.split(".")
    return len(parts) in _CODE_PARTS and all(part.isdecimal() for part in parts)


def code_of_definition(definition: Element, source: Source) -> str:
    """The code that a definition gives: by its four parts, else by a ``ref`` or name that is one."""
    parts = [definition.text(*names) for names in _TYPE_PARTS]
    code = source.codes.code_of(parts) if all(parts) else ""
    if code:
        return code
    said = [definition.text("ref", "code"), definition.text("mrid")]
    said += [name.value for name in names_in(definition)]
    return next((text for text in said if text.count(".") == len(_TYPE_PARTS) - 1), "")
