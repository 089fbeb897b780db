"""Opaque texts that a caller keeps for us: page tokens and watch positions.

They carry a digest of what they were made for, so that a token cut short, mixed up or used with another filter
is refused and does not answer in silence with the wrong page. The digest is no secret and guards nothing:
whoever forges a token gets a page that he could have asked for anyway.
"""

import base64
import binascii
from hashlib import blake2b

_DIGEST_BYTES = 9


def seal(scope: str, text: str) -> str:
    """Return ``text`` as an opaque token that only opens for the same ``scope``."""
    return base64.urlsafe_b64encode(_digest(scope, text) + text.encode()).decode()


def unseal(scope: str, token: str) -> str | None:
    """Return the text within ``token``, or None when it was not sealed for ``scope``."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        text = raw[_DIGEST_BYTES:].decode()
    except (UnicodeError, binascii.Error):
        return None
    # Sealing again, and not comparing digests alone, leaves one spelling of each token.
    return text if seal(scope, text) == token else None


def _digest(scope: str, text: str) -> bytes:
    return blake2b(f"{scope}\0{text}".encode(), digest_size=_DIGEST_BYTES).digest()
