"""The header of a message's envelope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The envelope's header as written, trimmed; ``""`` and ``None`` for what it does not say.

    ``verb`` and ``noun`` are derived from the root and the payload when the header lacks them.
    ``reply_address`` may be junk (``NONE``, ``Default``): it is for the caller to check it against an allow-list.
    """

    verb: str = ""
    noun: str = ""
    message_id: str = ""
    correlation_id: str = ""
    timestamp: datetime | None = None
    source: str = ""
    context: str = ""
    revision: str = ""
    ack_required: bool = False
    reply_address: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
