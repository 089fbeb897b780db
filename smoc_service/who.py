"""Who does something: a person or a service account."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A person or service account, as the token says."""

    subject: str
    username: str
