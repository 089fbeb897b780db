"""What a token says of its bearer, for people to read. It is not checked here: the services do that, for every call."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# Keycloak gives these to everybody; they mean nothing here.
_EVERYBODYS = ("default-roles-", "offline_access", "uma_authorization")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    subject: str
    name: str
    roles: tuple[str, ...]
    networks: tuple[str, ...]
    ends_at: datetime | None


def claims_of(token: str) -> Claims:
    """Read an access token; leave missing or unreadable claims empty."""
    payload = _payload(token)
    access = payload.get("realm_access")
    roles = access.get("roles") if isinstance(access, dict) else None
    return Claims(
        subject=_text(payload.get("sub") or ""),
        name=_text(payload.get("preferred_username") or payload.get("azp") or "somebody"),
        roles=tuple(role for role in _texts(roles) if not role.startswith(_EVERYBODYS)),
        networks=_texts(payload.get("networks")),
        ends_at=_moment(payload.get("exp")),
    )


def _payload(token: str) -> dict[str, Any]:
    part = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004 - header, payload, signature
    try:
        payload = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _moment(seconds: Any) -> datetime | None:
    """Return the time; None when there is none, or none that the calendar has."""
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(sorted(_text(value) for value in values)) if isinstance(values, list) else ()


def _text(value: Any) -> str:
    """Return ``value`` as a text that can be written: half a pair of surrogates cannot."""
    return str(value).encode(errors="replace").decode()
