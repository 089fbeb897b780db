"""A root: one signed digest over the last commit of every device at the end of a day (UTC).

A commit counts to a day by the time that it says of itself, which its seal covers. So anybody who holds the journal can
compute the root of any day again, and the root holds no more than a digest for each group of devices. Each root covers
the one before it.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from bson.binary import Binary
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from journal_evidence.seal import NOTHING

ROOT_VERSION: Final = 1
ROOTS: Final = "evidence_roots"
# What a root can point at: so many devices.
GROUP_DEVICES: Final = 256

_DOMAIN: Final = b"meterpark root 1\0"
_NUMBER: Final = struct.Struct(">q")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_FINGERPRINT_LETTERS: Final = 16

Document = dict[str, Any]


class KeyUnreadable(Exception):
    """The file holds no Ed25519 key of the kind that is wanted."""


class NoRoot(Exception):
    """What lies there is no root of a version that is known here."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The last commit of a device at the end of a day."""

    device_id: str
    revision: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Group:
    """Devices that follow each other, from ``first`` on."""

    first: str
    devices: int
    digest: bytes


@dataclass(slots=True)
class _Open:
    first: str
    devices: int = 0
    digest: Any = field(default_factory=sha256)

    def add(self, leaf: Leaf) -> None:
        name = leaf.device_id.encode()
        self.devices += 1
        self.digest.update(
            b"".join((_NUMBER.pack(len(name)), name, _NUMBER.pack(leaf.revision), leaf.digest))
        )

    def closed(self) -> Group:
        return Group(self.first, self.devices, self.digest.digest())


class Grouping:
    """Puts leaves into groups, in order of device. ``firsts``: the groups of a root that is computed again."""

    def __init__(self, firsts: Sequence[str] | None = None, *, size: int = GROUP_DEVICES) -> None:
        self._firsts = firsts
        self._size = size
        self._groups: list[Group] = []
        self._open = _Open(firsts[0] if firsts else "")

    def add(self, leaf: Leaf) -> None:
        if self._firsts is None:
            if self._open.devices == self._size:
                self._close(leaf.device_id)
            elif not self._open.devices:
                self._open.first = leaf.device_id
        else:
            # A device before the first one counts to the first group: it was not there then.
            while (
                len(self._groups) + 1 < len(self._firsts)
                and leaf.device_id >= self._firsts[len(self._groups) + 1]
            ):
                self._close(self._firsts[len(self._groups) + 1])
        self._open.add(leaf)

    def groups(self) -> list[Group]:
        """Return all groups; nothing is added afterwards."""
        if self._firsts is None:
            return [*self._groups, self._open.closed()] if self._open.devices else []
        while len(self._groups) + 1 < len(self._firsts):
            self._close(self._firsts[len(self._groups) + 1])
        return [*self._groups, self._open.closed()]

    def _close(self, next_first: str) -> None:
        self._groups.append(self._open.closed())
        self._open = _Open(next_first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """``before``: the digest of the root before it. ``key``: which key signed it."""

    day: str
    made_at: datetime
    groups: Sequence[Group]
    before: bytes = NOTHING
    key: str = ""
    signature: bytes = b""

    @property
    def until(self) -> datetime:
        """The end of the day: what was committed before it counts."""
        return end_of(self.day)

    @property
    def devices(self) -> int:
        return sum(group.devices for group in self.groups)

    @property
    def digest(self) -> bytes:
        told = sha256(_DOMAIN + self.before + self.day.encode())
        for group in self.groups:
            first = group.first.encode()
            told.update(_NUMBER.pack(len(first)) + first)
            told.update(_NUMBER.pack(group.devices) + group.digest)
        return told.digest()

    def signed(self, key: Ed25519PrivateKey) -> "Root":
        return Root(
            day=self.day,
            made_at=self.made_at,
            groups=self.groups,
            before=self.before,
            key=fingerprint(key.public_key()),
            signature=key.sign(_DOMAIN + self.digest),
        )

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(self.signature, _DOMAIN + self.digest)
        except InvalidSignature:
            return False
        return True


def end_of(day: str) -> datetime:
    """Return the moment at which the day ends, UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)


def to_ms(at: datetime) -> int:
    """Return a moment as the database counts time."""
    return (at - _EPOCH) // _MILLISECOND


def root_to_document(root: Root) -> Document:
    return {
        "_id": root.day,
        "version": ROOT_VERSION,
        "made_at": root.made_at,
        "devices": root.devices,
        "groups": [[one.first, one.devices, Binary(one.digest)] for one in root.groups],
        "before": Binary(root.before),
        "digest": Binary(root.digest),
        "key": root.key,
        "signature": Binary(root.signature),
    }


def root_from_document(stored: Document) -> Root:
    """Return a stored root. Raises NoRoot."""
    if stored.get("version") != ROOT_VERSION:
        raise NoRoot(f"version {stored.get('version')} is not known here")
    try:
        root = Root(
            day=stored["_id"],
            made_at=stored["made_at"],
            groups=[
                Group(first, count, bytes(digest)) for first, count, digest in stored["groups"]
            ],
            before=bytes(stored["before"]),
            key=stored["key"],
            signature=bytes(stored["signature"]),
        )
        is_whole = (root.digest, root.devices) == (bytes(stored["digest"]), stored["devices"])
        end_of(root.day)
    except (KeyError, TypeError, ValueError, struct.error) as wrong:
        raise NoRoot(f"{type(wrong).__name__}: {wrong}") from wrong
    if not is_whole or not root.groups:
        raise NoRoot("what it says of itself does not follow from its groups")
    return root


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the name of a key."""
    return sha256(key.public_bytes_raw()).hexdigest()[:_FINGERPRINT_LETTERS]


def read_signing_key(file: Path) -> Ed25519PrivateKey:
    """Read a private key, as PEM without a password. Raises KeyUnreadable."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, TypeError, ValueError) as error:
        raise KeyUnreadable(f"{file}: {type(error).__name__}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnreadable(f"{file}: no Ed25519 key")
    return key


def read_public_keys(files: Sequence[Path]) -> Iterator[tuple[str, Ed25519PublicKey]]:
    """Yield each key by its name. Raises KeyUnreadable."""
    for file in files:
        try:
            key = load_pem_public_key(file.read_bytes())
        except (OSError, ValueError) as error:
            raise KeyUnreadable(f"{file}: {type(error).__name__}") from None
        if not isinstance(key, Ed25519PublicKey):
            raise KeyUnreadable(f"{file}: no public Ed25519 key")
        yield fingerprint(key), key
