"""Page tokens of lists that are sorted newest first: the time and id of the last item."""

from datetime import UTC, datetime

from service_chassis.pages import PageTokenInvalid, resumed, seal


def to_token(question: str, at: datetime, last_id: str) -> str:
    return seal(question, f"{at.isoformat()} {last_id}")


def from_token(question: str, token: str) -> tuple[datetime, str] | None:
    """Return time and id of the item behind which the page begins, None without a token; raise PageTokenInvalid."""
    text = resumed(question, token)
    if not text:
        return None
    at, _, last = text.partition(" ")
    try:
        moment = datetime.fromisoformat(at)
        # A token may be forged: one whose time lies outside of the calendar in UTC was not made here.
        if moment.tzinfo is not None:
            return moment.astimezone(UTC), last
    except (ValueError, OverflowError):
        pass
    raise PageTokenInvalid
