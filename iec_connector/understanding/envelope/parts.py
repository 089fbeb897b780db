"""The parts of a message: its nouns, each with the verb that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iec_connector.understanding.unreadable import Unreadable

if TYPE_CHECKING:
    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.envelope import Envelope
    from iec_connector.understanding.nouns import Noun


@dataclass(frozen=True, slots=True)
class Part:
    """One noun of the message: ``element`` holds its items (a Meter, an EndDeviceEvent), or is one.

    ``verb`` and ``written_noun`` are as written. ``ids``: the ``ID`` elements, when they are all there is.
    ``operation``: the operationId of the operation that it stands in. ``envelope``: that of the embedded message that
    it stands in.
    """

    verb: str
    written_noun: str
    noun: Noun
    element: Element
    ids: tuple[Element, ...] = ()
    operation: str = ""
    envelope: Envelope | None = None


@dataclass(frozen=True, slots=True)
class OtherNoun:
    """A noun of the standard that is known and not read, such as UsagePointGroups."""

    element: Element


Found = Part | OtherNoun | Unreadable
