"""A deed: what somebody asked for, and how it ended."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Outcome(StrEnum):
    # Stored before it is done; stays so when the process is killed meanwhile.
    ASKED = "ASKED"
    DONE = "DONE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    # Those made later are greater: it begins with the time.
    deed_id: str
    at: datetime
    # The person or service account, as the token names it.
    subject: str
    username: str
    client: str
    kind: str
    # The networks that it may touch; None: any.
    networks: frozenset[str] | None
    # Both tell the same request that came again: its id, "" where requests carry none, and a digest of what it says.
    request_id: str = ""
    content: str = ""
    # The deed that is stored for the same request, where it came before.
    same_as: str = ""
    about: str = ""
    device_ids: tuple[str, ...] = ()
    summary: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    # Names of what is kept in part: in `said`, or `about` or `device_ids`.
    cut: tuple[str, ...] = ()
    outcome: Outcome = Outcome.ASKED
    detail: str = ""
    # Of what was refused: a word of the contract (ErrorReason, without its prefix).
    refusal_reason: str = ""


def first_id(at: datetime) -> str:
    """Return the least id that a deed of this moment can have."""
    return f"{max(0, (at - _EPOCH) // _MILLISECOND):012x}"


def new_id(at: datetime) -> str:
    """Return an id for a deed of this moment, which no other has, in any service: 20 hexadecimal digits."""
    return f"{first_id(at)}{secrets.token_hex(4)}"
