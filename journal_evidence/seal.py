"""The seal of a commit: a digest of its content and of the seal before, so a device's commits are a chain.

Version 1. The bytes are those that lie in the database: a document of MongoDB keeps its bytes and the order of its
fields. With `after` as the bytes of the state after the commit, and `content` as all other fields but the seal:

    digest = SHA-256("meterpark commit 1", a zero, digest of the commit before, SHA-256(after), content)

The state has a digest of its own, which the seal also holds, so that old commits may drop it one day and stay sealed.
Before a device's first sealed commit stands ``NOTHING``: commits that are older than seals have none, and stay valid.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import bson
from bson.errors import BSONError

SEAL_VERSION: Final = 1
DIGEST_BYTES: Final = 32
# What stands before the first sealed commit.
NOTHING: Final = bytes(DIGEST_BYTES)

_DOMAIN: Final = b"meterpark commit 1\0"
_AFTER: Final = "after"
_SEAL: Final = "seal"
_AFTER_HEAD: Final = b"\x03after\0"
_SEAL_HEAD: Final = b"\x03seal\0"
# The seal as a document, cut at its three digests: it is written for each report.
_BINARY_HEAD: Final = b"\x20\0\0\0\0"
_BEFORE_HEAD: Final = b"\x98\0\0\0\x10version\0\1\0\0\0\x05before\0" + _BINARY_HEAD
_STATE_HEAD: Final = b"\x05after\0" + _BINARY_HEAD
_DIGEST_HEAD: Final = b"\x05digest\0" + _BINARY_HEAD
# Where the three begin.
_SEAL_PARTS: Final = (30, 74, 119)
_SEAL_BYTES: Final = 152
_LENGTH: Final = struct.Struct("<i")
# Bytes of a value by its type. What begins with its length: see `_end_of`.
_FIXED: Final = {0x01: 8, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x13: 16}
_STRINGS: Final = frozenset({0x02, 0x0D, 0x0E})
_DOCUMENTS: Final = frozenset({0x03, 0x04})
_BINARY: Final = 0x05
_DATE: Final = 0x09
_NUMBERS: Final = {0x10: struct.Struct("<i"), 0x12: struct.Struct("<q")}


class NoCommit(Exception):
    """These bytes are no commit: a length, a type or a field is wrong."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a commit says of itself."""

    before: bytes
    after: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One commit, as its bytes say. ``digest`` is computed, ``seal`` is what lies there; None: it has none."""

    device_id: str
    revision: int
    report_id: str
    committed_ms: int
    digest: bytes
    # Of the state beside it; None: it was dropped.
    after: bytes | None
    seal: Seal | None


def sealed(
    content: Mapping[str, Any], after: Mapping[str, Any], before: bytes
) -> tuple[bytes, bytes]:
    """Return a commit as bytes, and the digest for the next one. Raises what ``bson.encode`` raises."""
    told = bson.encode(content)[4:-1]
    state = bson.encode(after)
    of_state = sha256(state).digest()
    before = before or NOTHING
    digest = _digest(before, of_state, told)
    seal = _written(Seal(before, of_state, digest))
    body = b"".join((told, _AFTER_HEAD, state, _SEAL_HEAD, seal, b"\0"))
    return _LENGTH.pack(len(body) + 4) + body, digest


def digest_in(commit: Mapping[str, Any]) -> bytes:
    """Return the digest that a commit holds; nothing, if it has no seal that this version knows."""
    seal = commit.get(_SEAL)
    if not isinstance(seal, Mapping) or seal.get("version") != SEAL_VERSION:
        return b""
    return bytes(seal["digest"])


def look_at(raw: bytes) -> Looked:
    """Read a commit's bytes, and compute its digest. Raises NoCommit.

    A commit without a seal has a digest as well, for the root.
    """
    try:
        return _looked(raw)
    except (IndexError, KeyError, UnicodeDecodeError, ValueError, struct.error, BSONError) as wrong:
        raise NoCommit(f"{type(wrong).__name__}: {wrong}") from wrong


def _looked(raw: bytes) -> Looked:
    if _LENGTH.unpack_from(raw)[0] != len(raw) or raw[-1] != 0:
        raise NoCommit("its length is another")
    fields: dict[str, tuple[int, int, int]] = {}
    content = []
    # What lies together is taken together: the two fields that are not content stand at the end.
    begin = at = 4
    end = len(raw) - 1
    while at < end:
        kind = raw[at]
        name_ends = raw.index(b"\0", at + 1, end)
        name = raw[at + 1 : name_ends].decode()
        value_ends = _end_of(raw, kind, name_ends + 1)
        if value_ends > end or name in fields:
            raise NoCommit(f"the field {name!r} is broken")
        fields[name] = (kind, name_ends + 1, value_ends)
        if name in (_AFTER, _SEAL):
            content.append(raw[begin:at])
            begin = value_ends
        at = value_ends
    content.append(raw[begin:end])
    seal = _seal(raw, fields)
    state = _slice(raw, fields, _AFTER)
    of_state = None if state is None else sha256(state).digest()
    told_of_state = seal.after if seal else of_state or NOTHING
    return Looked(
        device_id=_text(raw, fields["device_id"]),
        revision=_number(raw, fields["revision"]),
        report_id=_text(raw, fields["report_id"]),
        committed_ms=_date(raw, fields["committed_at"]),
        digest=_digest(seal.before if seal else NOTHING, told_of_state, b"".join(content)),
        after=of_state,
        seal=seal,
    )


def _digest(before: bytes, of_state: bytes, content: bytes) -> bytes:
    return sha256(b"".join((_DOMAIN, before, of_state, content))).digest()


def _end_of(raw: bytes, kind: int, at: int) -> int:
    if (fixed := _FIXED.get(kind)) is not None:
        return at + fixed
    length: int = _LENGTH.unpack_from(raw, at)[0]
    if length < 0:
        raise NoCommit("a length is negative")
    if kind in _STRINGS:
        return at + 4 + length
    if kind in _DOCUMENTS:
        return at + length
    if kind == _BINARY:
        return at + 5 + length
    raise NoCommit(f"a value of type {kind}")


def _slice(raw: bytes, fields: Mapping[str, tuple[int, int, int]], name: str) -> bytes | None:
    if name not in fields:
        return None
    _, begin, end = fields[name]
    return raw[begin:end]


def _seal(raw: bytes, fields: Mapping[str, tuple[int, int, int]]) -> Seal | None:
    """Return the seal that lies there. A version that is not known cannot be judged: NoCommit."""
    stored = _slice(raw, fields, _SEAL)
    if stored is None:
        return None
    if len(stored) == _SEAL_BYTES:
        seal = Seal(*(stored[begin : begin + DIGEST_BYTES] for begin in _SEAL_PARTS))
        if stored == _written(seal):
            return seal
    version = bson.decode(stored).get("version")
    if version == SEAL_VERSION:
        raise NoCommit("its seal is broken")
    raise NoCommit(f"its seal is of version {version}, which is not known here")


def _written(seal: Seal) -> bytes:
    parts = (_BEFORE_HEAD, seal.before, _STATE_HEAD, seal.after, _DIGEST_HEAD, seal.digest, b"\0")
    return b"".join(parts)


def _text(raw: bytes, field: tuple[int, int, int]) -> str:
    kind, begin, end = field
    if kind not in _STRINGS:
        raise NoCommit("a text is none")
    return raw[begin + 4 : end - 1].decode()


def _number(raw: bytes, field: tuple[int, int, int]) -> int:
    kind, begin, _ = field
    if kind not in _NUMBERS:
        raise NoCommit("a number is none")
    number: int = _NUMBERS[kind].unpack_from(raw, begin)[0]
    return number


def _date(raw: bytes, field: tuple[int, int, int]) -> int:
    kind, begin, _ = field
    if kind != _DATE:
        raise NoCommit("a time is none")
    at: int = _NUMBERS[0x12].unpack_from(raw, begin)[0]
    return at
