"""The author of an action: a user or a service account."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A user or service account, as the token names it."""

    subject: str
    username: str
