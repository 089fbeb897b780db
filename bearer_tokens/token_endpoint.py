"""Requests tokens from an OpenID provider (RFC 6749), and says whose fault a failure is.

Secrets go out in the body of a POST, never in an address and never along a redirect. An error's text holds neither
secrets nor tokens.
"""

# ruff: noqa: PLC0415 - who only imports this module does not wait for the HTTP client

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

_MOST_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024
_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_MEAGRE_LIFE_SECONDS = 60.0


class TokenUnavailable(Exception):
    """The provider cannot be reached, or its answer is of no use: try again."""


class TokenRefused(Exception):
    """The provider refuses; ``error`` is its word for it (``invalid_client``). A retry is refused again."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(f"{error}: {detail}" if detail else error)
        self.error = error
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Tokens, and how long they are valid, in seconds from the request. A refresh token may be absent."""

    access_token: str = field(repr=False)
    life_seconds: float
    refresh_token: str = field(default="", repr=False)
    refresh_life_seconds: float = 0.0
    # The user who logged in (OpenID Connect); present when the login requested it.
    id_token: str = field(default="", repr=False)


async def ask_for_token(url: str, form: Mapping[str, str], *, timeout_seconds: float) -> Granted:
    """Ask the token endpoint at ``url``; raise TokenUnavailable or TokenRefused."""
    answer = await post_form(url, form, timeout_seconds=timeout_seconds)
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise TokenUnavailable(f"{url} answers without a token: is it a token endpoint?")
    return Granted(
        access_token=token,
        life_seconds=_seconds(answer.get("expires_in")) or _MEAGRE_LIFE_SECONDS,
        refresh_token=str(answer.get("refresh_token") or ""),
        refresh_life_seconds=_seconds(answer.get("refresh_expires_in")),
        id_token=str(answer.get("id_token") or ""),
    )


async def ask_as_service(
    url: str, client_id: str, client_secret_file: Path, *, timeout_seconds: float
) -> Granted:
    """Ask for the token of a service account (client credentials, RFC 6749 section 4.4).

    The file is read each time: a new secret counts from the next request on. Raises TokenRefused also for a file that
    cannot be read.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": read_client_secret(client_secret_file),
    }
    return await ask_for_token(url, form, timeout_seconds=timeout_seconds)


def read_client_secret(file: Path) -> str:
    """Return the secret in ``file``; raise TokenRefused when there is none."""
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not text"
        raise TokenRefused("client secret", f"{file} cannot be read: {why}") from None
    if not secret:
        raise TokenRefused("client secret", f"{file} is empty")
    return secret


async def post_form(url: str, form: Mapping[str, str], *, timeout_seconds: float) -> dict[str, Any]:
    """Post ``form`` and return the JSON object that comes back (an empty one for an empty answer)."""
    return await _ask("POST", url, form, timeout_seconds)


async def get_document(url: str, *, timeout_seconds: float) -> dict[str, Any]:
    """Return the JSON object at ``url``."""
    return await _ask("GET", url, None, timeout_seconds)


async def _ask(
    method: str, url: str, form: Mapping[str, str] | None, timeout_seconds: float
) -> dict[str, Any]:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, url, data=form, allow_redirects=False) as response,
        ):
            status, body = response.status, b""
            # In pieces, as they arrive: one read returns only what has arrived so far.
            async for piece in response.content.iter_chunked(_PIECE_BYTES):
                body += piece
                if len(body) > _MOST_BYTES:
                    raise TokenUnavailable(f"{url} answers more than {_MOST_BYTES:,} bytes")
    except TimeoutError:
        raise TokenUnavailable(f"{url} does not answer within {timeout_seconds:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise TokenUnavailable(f"{url} cannot be asked: {error}") from None
    answer = _object(body)
    if answer is not None and status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        return answer
    if answer and status in _REFUSALS and isinstance(answer.get("error"), str):
        raise TokenRefused(answer["error"], str(answer.get("error_description") or ""))
    raise TokenUnavailable(f"{url} answers with status {status}")


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body) if body.strip() else {}
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
