"""Which names mean secrets. One rule for stripping, and for what reports must not take in."""

from __future__ import annotations

import re
from functools import lru_cache

REMOVED_SECRET = "(removed)"  # noqa: S105 - what stands in the place of one

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")

_WITHIN = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "credential",
    "securitykey",
    "encryptionkey",
    "authenticationkey",
    "privatekey",
    "masterkey",
    "securitytoken",
)
_ENDINGS = ("key", "keys", "keyvalue", "token")
_EXACTLY = frozenset(
    # DLMS and SIM names, and the nonce of Header/ReplayDetection and of WS-Security.
    {"nonce", "pin", "puk", "psk", "kek", "ak", "ek", "mk", "gak", "guek", "gbek", "lls", "hls"}
)
_HARMLESS = frozenset({"publickey", "primarykey", "foreignkey"})
_LONGEST = 200


def is_secret_name(name: str) -> bool:
    """Whether something of this name (an element, an attribute, a NameType, a detail) holds a secret."""
    return _is_secret_name(name[-_LONGEST:])


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    plain = _NOT_ALPHANUMERIC.sub("", name.rpartition(":")[2].lower())
    if plain in _HARMLESS:
        return False
    return plain in _EXACTLY or plain.endswith(_ENDINGS) or any(part in plain for part in _WITHIN)
