"""Page tokens of lists that are sorted newest first: the time and id of the last item."""

import base64
import binascii
from datetime import datetime


class PageTokenInvalid(Exception):
    """The token was not made by this service."""


def to_token(at: datetime, last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {last_id}".encode()).decode()


def from_token(token: str) -> tuple[datetime, str]:
    """Return time and id of the item behind which the page begins; raises PageTokenInvalid."""
    try:
        at, _, last = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
        return datetime.fromisoformat(at), last
    except (ValueError, binascii.Error) as error:
        raise PageTokenInvalid(token) from error
