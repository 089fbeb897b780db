"""The issuer's signing keys, by ``kid``: read from its JWKS address, and kept.

Theory of operation:

* The last good key set serves until another good one was read. An issuer that is down, hangs or sends nonsense does no
  harm as long as no new key appears.
* A ``kid`` that is not in the set may belong to a new key: the set is read again, and the call waits for that. There is
  one reading at a time, with a pause in between, shared by all waiting calls; so a flood of invented ``kid`` causes one
  request every few seconds. Only a reading that began after a call arrived decides about it: an earlier answer may be
  older than the key.
* A call whose key is known does not wait. Only a fraction of the calls that a server takes at once may wait for keys,
  so that they leave room for the others.
* The set is read every minute in any case. So keys that the issuer has withdrawn end here, too, and a new key is
  mostly known before its first token arrives.
"""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import structlog
from joserfc import jwk
from joserfc.errors import JoseError

from service_chassis.refusals import PeerUnavailable
from service_chassis.retries import Backoff, spread

log = structlog.get_logger()

Keys = Mapping[str, jwk.RSAKey | jwk.ECKey]

PAUSE_SECONDS: Final = 3.0
REFRESH_SECONDS: Final = 60.0
_PATIENCE_SECONDS = 5.0
_ANSWER_LIMIT_BYTES = 256 * 1024
_WAITING_AT_MOST = 100
_ABSENT_AT_MOST = 1000
_LONGEST_PAUSE_SECONDS = 30.0
# A modulus of 2048 bits, as base64url writes it.
_LEAST_RSA_LETTERS = 342
# Only the members of a public key are read; a certificate or a private part beside them is not.
_RSA_PARTS = ("kty", "use", "alg", "kid", "n", "e")
_EC_PARTS = ("kty", "use", "alg", "kid", "crv", "x", "y")


class KeyUnknown(Exception):
    """The issuer has no such key."""


class KeysNotRead(Exception):
    """The issuer's keys could not be read; the text says why."""


class SigningKeys:
    """Knows the issuer's keys. ``read`` returns the issuer's present keys, at least one, or raises ``KeysNotRead``."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Keys]],
        *,
        pause_seconds: float = PAUSE_SECONDS,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self._read = read
        self._pause_seconds = pause_seconds
        self._refresh_seconds = refresh_seconds
        self._keys: Keys = {}
        # The keys that the last reading did not find; another reading before the pause is over finds no more.
        self._absent: set[str] = set()
        self._reading: asyncio.Task[bool] | None = None
        self._began_at = -math.inf
        self._not_before = -math.inf
        self._failed = False
        self._waiting = 0

    async def key(self, kid: str) -> jwk.RSAKey | jwk.ECKey:
        """Return a key.

        Raises:
            KeyUnknown: the issuer, asked just now, has no such key.
            PeerUnavailable: the key is not known and the issuer cannot be asked; try again.
        """
        came_at = _now()
        while (key := self._keys.get(kid)) is None:
            decided = self._began_at >= came_at
            pausing = _now() < self._not_before
            if self._failed and (decided or pausing):
                raise PeerUnavailable("tokens cannot be checked at the moment, try again")
            if decided and len(self._absent) < _ABSENT_AT_MOST:
                self._absent.add(kid)
            if decided or (pausing and kid in self._absent):
                raise KeyUnknown(kid)
            await self._wait_for_reading()
        return key

    async def run(self) -> None:
        """Read the keys at once, then regularly, for ever; more often while a reading fails."""
        failures = 0
        backoff = Backoff(first_seconds=self._pause_seconds, ceiling_seconds=_LONGEST_PAUSE_SECONDS)
        while True:
            good = await asyncio.shield(self._next_reading())
            failures = 0 if good else failures + 1
            pause = spread(self._refresh_seconds) if good else backoff.seconds(failures)
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """End a reading that is under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _wait_for_reading(self) -> None:
        if self._waiting >= _WAITING_AT_MOST:
            raise PeerUnavailable("too many tokens wait for their keys, try again")
        self._waiting += 1
        try:
            # Shared: a caller that gives up must not end it for the others.
            await asyncio.shield(self._next_reading())
        finally:
            self._waiting -= 1

    def _next_reading(self) -> asyncio.Task[bool]:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_after_pause(), name="reading keys")
        return self._reading

    async def _read_after_pause(self) -> bool:
        await asyncio.sleep(max(0.0, self._not_before - _now()))
        began_at = _now()
        try:
            self._keys = await self._read()
        except KeysNotRead as error:
            log.warning("signing keys cannot be read", why=str(error)[:300], kept=len(self._keys))
            self._failed = True
        else:
            self._failed = False
            self._absent.clear()
        self._began_at = began_at
        self._not_before = _now() + self._pause_seconds
        return not self._failed


async def read_keys(
    session: aiohttp.ClientSession, url: str, patience_seconds: float = _PATIENCE_SECONDS
) -> Keys:
    """Return the keys at ``url`` that can sign tokens here, at least one, by ``kid``; raise ``KeysNotRead``."""
    try:
        async with session.get(
            url,
            allow_redirects=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=patience_seconds),
        ) as response:
            if response.status != HTTPStatus.OK:
                raise KeysNotRead(f"{url} answers with status {response.status}")
            body = bytearray()
            async for part in response.content.iter_chunked(16 * 1024):
                body += part
                if len(body) > _ANSWER_LIMIT_BYTES:
                    raise KeysNotRead(f"{url} answers with more than {_ANSWER_LIMIT_BYTES} bytes")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise KeysNotRead(f"{url}: {type(error).__name__}: {error}") from error
    return parse_keys(bytes(body))


def parse_keys(text: bytes) -> Keys:
    """Return the usable keys of a JWKS (RFC 7517); others in it are passed over. Raise ``KeysNotRead`` without any."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KeysNotRead(f"no JSON: {error}") from error
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise KeysNotRead("no key set: its member 'keys' is missing")
    keys = {key.kid: key for each in listed if (key := _usable(each)) is not None and key.kid}
    if not keys:
        raise KeysNotRead(f"none of {len(listed)} keys can be used")
    return keys


def _usable(given: Any) -> jwk.RSAKey | jwk.ECKey | None:
    if not isinstance(given, dict) or given.get("use", "sig") != "sig":
        return None
    try:
        match given.get("kty"), given.get("alg"), given.get("crv"):
            case "RSA", ("RS256" | None), _:
                if len(str(given.get("n"))) < _LEAST_RSA_LETTERS:
                    return None
                return jwk.RSAKey.import_key(
                    {part: given[part] for part in _RSA_PARTS if part in given}
                )
            case "EC", ("ES256" | None), "P-256":
                return jwk.ECKey.import_key(
                    {part: given[part] for part in _EC_PARTS if part in given}
                )
            case _:
                return None
    except (JoseError, ValueError, TypeError, LookupError) as error:
        log.warning("a signing key cannot be used", why=str(error)[:300])
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
