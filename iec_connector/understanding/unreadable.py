"""Why a message, or one part of it, could not be turned into reports.

A reason is a word for programs (and the column by which the quarantine is filtered), the detail a sentence
for the engineer, the place says where: an XPath of local names and a line, e.g.
``/EventMessage/Payload/EndDeviceEvents/EndDeviceEvent[3]/createdDateTime, line 41``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from iec_connector.understanding.header import Header


class Reason(StrEnum):
    """The kind of error, as a word for programs."""

    # The body
    EMPTY_BODY = "EMPTY_BODY"
    TEXT_ENCODING = "TEXT_ENCODING"
    MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE"
    XML_MALFORMED = "XML_MALFORMED"
    DTD_FORBIDDEN = "DTD_FORBIDDEN"
    TOO_DEEP = "TOO_DEEP"
    XML_TOO_COMPLEX = "XML_TOO_COMPLEX"
    TOO_MANY_REPORTS = "TOO_MANY_REPORTS"
    COMPRESSED_UNREADABLE = "COMPRESSED_UNREADABLE"
    INFLATED_TOO_LARGE = "INFLATED_TOO_LARGE"
    # The envelope
    ENVELOPE_UNKNOWN = "ENVELOPE_UNKNOWN"
    NAMESPACE_NOT_ALLOWED = "NAMESPACE_NOT_ALLOWED"
    NOUN_MISSING = "NOUN_MISSING"
    NOUN_UNKNOWN = "NOUN_UNKNOWN"
    NOUN_NOT_READ = "NOUN_NOT_READ"
    VERB_MISSING = "VERB_MISSING"
    VERB_UNKNOWN = "VERB_UNKNOWN"
    PAYLOAD_MISSING = "PAYLOAD_MISSING"
    PAYLOAD_UNKNOWN = "PAYLOAD_UNKNOWN"
    NOT_A_REPORT = "NOT_A_REPORT"
    FAULT_MESSAGE = "FAULT_MESSAGE"
    CONTEXT_NOT_ACCEPTED = "CONTEXT_NOT_ACCEPTED"
    # The parts
    NETWORK_UNKNOWN = "NETWORK_UNKNOWN"
    NETWORK_NOT_ALLOWED = "NETWORK_NOT_ALLOWED"
    DEVICE_MISSING = "DEVICE_MISSING"
    DEVICE_INVALID = "DEVICE_INVALID"
    EVENT_TYPE_MISSING = "EVENT_TYPE_MISSING"
    TIME_MISSING = "TIME_MISSING"
    TIME_INVALID = "TIME_INVALID"
    LINKAGE_INCOMPLETE = "LINKAGE_INCOMPLETE"
    LOCATION_INVALID = "LOCATION_INVALID"


class Placed(Protocol):
    """Something in a document that knows its place."""

    @property
    def place(self) -> str:
        """XPath and line."""


class Unreadable(Exception):
    """The message gives no report. It belongs in the quarantine; the connector goes on.

    Give the ``place``, or what it is ``at``.
    ``verb``, ``noun``, ``message_id`` and ``network`` hold what could still be read, else they are empty.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        place: str = "",
        at: Placed | None = None,
        verb: str = "",
        noun: str = "",
        message_id: str = "",
        network: str = "",
    ) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self._place = place
        self._at = at
        self.verb = verb
        self.noun = noun
        self.message_id = message_id
        self.network = network
        # The readable part of the envelope: a sender that requested an answer gets one.
        self.header: Header | None = None

    @property
    def place(self) -> str:
        """The place, computed when it is needed: of thousands of problems only some are listed."""
        return self._place or (self._at.place if self._at is not None else "")

    @place.setter
    def place(self, place: str) -> None:
        self._place = place

    def __str__(self) -> str:
        """Everything in one line."""
        return f"{self.reason}: {self.detail}" + (f" ({self.place})" if self.place else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One part of a message that gives no report, while its neighbours do.

    ``index`` counts the parts of the message from 0, in document order, as ``Origin.index`` does.
    """

    reason: Reason
    detail: str
    place: str
    index: int
