"""Ids of reports: a repeated message gives the same ids, a new statement gives a new one.

An id is made from the network, the device, Header/MessageID and Header/Timestamp, what is said and when it happened.
Not from what changes when the same message comes again (time of arrival, the broker's id), nor from what our own
tables make of it (meaning, name of the code, lifecycle): after a table is corrected, a replay must count once.

Two equal statements in one message are told apart by their number among equals. The broker's id is taken only when
nothing else tells one message from the next: no MessageID, no Timestamp, no time of occurrence. Without it, a status
that goes A, B, A would lose its third report; with it, such a message that the head-end system publishes again is
recorded again, which changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, assert_never

from iec_connector.understanding.report import (
    Configuration,
    Contact,
    ControlOutcome,
    DeviceEvent,
    Linkage,
)

if TYPE_CHECKING:
    from iec_connector.understanding.header import Header
    from iec_connector.understanding.report import Content
    from iec_connector.understanding.times import Moment

_ID_CHARACTERS = 32


@dataclass(slots=True)
class ReportIds:
    """Makes the ids of one message's reports."""

    header: Header
    broker_message_id: str
    _seen: dict[bytes, int] = field(default_factory=dict)

    def id_of(self, network: str, device: str, content: Content, moment: Moment) -> str:
        """32 hexadecimal characters."""
        header = self.header
        at = moment.at.isoformat() if moment.at is not None else ""
        sent = header.timestamp.isoformat() if header.timestamp is not None else ""
        message = header.message_id
        if not (message or sent or at):
            message = f"broker {self.broker_message_id}"
        said = json.dumps(
            [network, device, message, sent, at, type(content).__name__, _said(content)],
            ensure_ascii=True,
            separators=(",", ":"),
            sort_keys=True,
        ).encode("ascii")
        digest = hashlib.sha256(said)
        number = self._seen.get(digest.digest(), 0)
        self._seen[digest.digest()] = number + 1
        if number:
            digest.update(f"#{number}".encode("ascii"))
        return digest.hexdigest()[:_ID_CHARACTERS]


def _said(content: Content) -> dict[str, object]:
    """What the head-end system said: fields that are not empty, so that a field more changes no old id."""
    match content:
        case Configuration():
            said: dict[str, object] = {
                name: getattr(content, name) for name in _CONFIGURATION_FIELDS
            }
            said |= {
                "names": dict(content.names),
                "life_dates": dict(content.life_dates),
                "switch_state": content.switch_state.value,
            }
        case DeviceEvent():
            said = {name: getattr(content, name) for name in _EVENT_FIELDS}
            said["details"] = dict(content.details)
        case Linkage():
            said = {
                "change": content.change.value,
                "usage_point": content.usage_point,
                "area": content.area,
                "parent": content.parent,
            }
        case Contact():
            said = {"reading_count": content.reading_count}
        case ControlOutcome():
            # Its name comes from our own table.
            said = {**asdict(content), "details": dict(content.details), "code_name": ""}
        case _:
            assert_never(content)
    return {name: value for name, value in said.items() if value}


_CONFIGURATION_FIELDS = (
    *(field.name for field in fields(Configuration) if type(field.default) is str),
    "removal",
)
_EVENT_FIELDS = (
    *("code", "severity", "reason", "event_mrid", "issuer_tracking_id", "usage_point"),
)
