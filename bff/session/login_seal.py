"""What a login needs between its two halves, without keeping anything here.

Theory of operation: a browser that begins a login gets a cookie with a random number. The parameter ``state`` of the
login holds its start and the path to return to, under a MAC that covers that number, too; the nonce and the PKCE
verifier are MACs of the state. So:

* No attacker can fill a table of half logins: there is none.
* A callback counts only in the browser that began it. An attacker who sends a victim the address of his own callback,
  so that the victim logs in as the attacker (login CSRF), is refused: the victim's browser has another number, or none.
* Several tabs may log in at once; each has its own state.
* The verifier leaves this process only for the provider's token endpoint.

The key lives as long as the process: a login across a restart starts again.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

_LONGEST_STATE = 2048
_NO_STATE = "the parameter state is none of a login here"


class LoginRefused(Exception):
    """A callback that belongs to no login of this browser, or comes too late; the text is for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login between its two halves. ``verifier`` and ``challenge`` are those of PKCE (RFC 7636, S256)."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    return_path: str

    @property
    def challenge(self) -> str:
        return _base64url(sha256(self.verifier.encode()).digest())


def new_browser() -> str:
    """Return a number for a browser that has none."""
    return secrets.token_urlsafe(32)


class LoginSeal:
    """``life_seconds`` is how long a user may take at the provider's page; moments are seconds of one clock."""

    def __init__(self, key: bytes, *, life_seconds: float) -> None:
        self._key = key
        self._life_seconds = life_seconds

    def begin(self, browser: str, return_path: str, *, at: float) -> Login:
        said = json.dumps([return_path, at, secrets.token_urlsafe(16)]).encode()
        state = f"{_base64url(said)}.{_base64url(self._mac('state', browser, said))}"
        return self._login(browser, state, return_path)

    def finish(self, browser: str | None, state: str, *, at: float) -> Login:
        """Return the login that ``state`` is of.

        Raises:
            LoginRefused: it did not begin in this browser, or not with this process, or too long ago.
        """
        if not browser:
            raise LoginRefused("this browser began no login, or keeps no cookies")
        said, mac = _parts(state)
        if not hmac.compare_digest(mac, self._mac("state", browser, said)):
            raise LoginRefused("this login did not begin in this browser")
        read: Any = json.loads(said)
        return_path, began_at, _ = read
        if not 0 <= at - began_at <= self._life_seconds:
            raise LoginRefused("this login took too long")
        return self._login(browser, state, return_path)

    def _login(self, browser: str, state: str, return_path: str) -> Login:
        return Login(
            state=state,
            nonce=_base64url(self._mac("nonce", browser, state.encode())),
            verifier=_base64url(self._mac("verifier", browser, state.encode())),
            return_path=return_path,
        )

    def _mac(self, purpose: str, browser: str, said: bytes) -> bytes:
        # Lengths before the parts: no two triples are the same text.
        text = b"".join(
            len(part).to_bytes(4, "big") + part
            for part in (purpose.encode(), browser.encode(), said)
        )
        return hmac.digest(self._key, text, "sha256")


def _parts(state: str) -> tuple[bytes, bytes]:
    said, _, mac = state.partition(".")
    if len(state) > _LONGEST_STATE:
        raise LoginRefused(_NO_STATE)
    try:
        return _decoded(said), _decoded(mac)
    except ValueError:
        raise LoginRefused(_NO_STATE) from None


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
