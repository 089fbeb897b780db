"""Page tokens of lists that are sorted newest first: the time and id of the last item."""

import base64
import binascii
from datetime import UTC, datetime


class PageTokenInvalid(Exception):
    """The token was not made by this service."""


def to_token(at: datetime, last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {last_id}".encode()).decode()


def from_token(token: str) -> tuple[datetime, str]:
    """Return time and id of the item behind which the page begins; raises PageTokenInvalid."""
    try:
        at, _, last = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise PageTokenInvalid(token)
        # Anybody can make a token: one whose time lies outside of the calendar in UTC was not made here.
        return moment.astimezone(UTC), last
    except (ValueError, OverflowError, binascii.Error) as error:
        raise PageTokenInvalid(token) from error
