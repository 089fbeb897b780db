"""From a message's body to reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from datetime import datetime

    from iec_connector.understanding.source import Source
    from iec_connector.understanding.understood import Understood


def understand(
    body: str | bytes,
    source: Source,
    *,
    received_at: datetime,
    broker_message_id: str = "",
    destination: str = "",
) -> Understood:
    """The reports that the message makes."""
    raise Unreadable(
        Reason.EMPTY_BODY,
        f"not yet: {source.name} {received_at} {broker_message_id} {destination} {body!r}",
    )
