"""Opaque texts that a caller keeps for us: page tokens and watch positions.

They carry a digest of what they were made for, so that a token cut short, mixed up or used with another filter
is refused and does not answer in silence with the wrong page. The digest is no secret and guards nothing:
whoever forges a token gets a page that he could have asked for anyway, as every page is cut to what its caller may see.
"""

import base64
import binascii
import json
from hashlib import blake2b
from typing import Any

_DIGEST_BYTES = 9


def seal(purpose: str, text: str) -> str:
    """Return ``text`` as an opaque token that only opens for the same ``purpose``."""
    return base64.urlsafe_b64encode(_digest(purpose, text) + text.encode()).decode()


def unseal(purpose: str, token: str) -> str | None:
    """Return the text within ``token``, or None when it was not sealed for ``purpose``."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        text = raw[_DIGEST_BYTES:].decode()
    except (UnicodeError, binascii.Error):
        return None
    # Sealing again, and not comparing digests alone, leaves one spelling of each token.
    return text if seal(purpose, text) == token else None


def read_json(text: str) -> Any:
    """Return what the JSON of a token holds, which anybody may have made; raise ``ValueError`` for what is none.

    What is nested too deeply, and text that cannot be written as UTF-8, is none.
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def _digest(purpose: str, text: str) -> bytes:
    return blake2b(f"{purpose}\0{text}".encode(), digest_size=_DIGEST_BYTES).digest()
