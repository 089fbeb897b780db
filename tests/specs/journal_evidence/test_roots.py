"""Roots: groups of devices, what a signature covers, and how they are stored."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bson.binary import Binary
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from journal_evidence.roots import (
    Group,
    Grouping,
    KeyUnreadable,
    Leaf,
    NoRoot,
    Root,
    end_of,
    fingerprint,
    read_public_keys,
    read_signing_key,
    root_from_document,
    root_to_document,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PEM = Encoding.PEM


def leaf(device_id: str, revision: int = 3, letter: bytes = b"d") -> Leaf:
    return Leaf(device_id, revision, letter * 32)


def grouped(leaves: list[Leaf], firsts: list[str] | None = None, size: int = 2) -> list[Group]:
    grouping = Grouping(firsts, size=size)
    for one in leaves:
        grouping.add(one)
    return grouping.groups()


LEAVES = [leaf(name) for name in ("n/a", "n/b", "n/c", "n/d", "n/e")]
ROOT = Root(
    day="2026-03-01", made_at=datetime(2026, 3, 2, 1, tzinfo=UTC), groups=grouped(LEAVES)
).signed(KEY)


def test_devices_lie_in_groups() -> None:
    assert [(one.first, one.devices) for one in ROOT.groups] == [("n/a", 2), ("n/c", 2), ("n/e", 1)]


@given(st.sets(st.text("abc", min_size=1), min_size=1), st.integers(1, 5))
def test_the_groups_of_a_root_are_computed_again(names: set[str], size: int) -> None:
    leaves = [leaf(name) for name in sorted(names)]
    made = grouped(leaves, size=size)
    assert grouped(leaves, [one.first for one in made]) == made


@pytest.mark.parametrize(
    ("leaves", "differ"),
    [
        ([*LEAVES[:2], *LEAVES[3:]], [1]),
        ([leaf("n/0"), *LEAVES], [0]),
        ([*LEAVES, leaf("n/f")], [2]),
        ([*LEAVES[:3], leaf("n/d", 2), LEAVES[4]], [1]),
        ([*LEAVES[:3], leaf("n/d", letter=b"x"), LEAVES[4]], [1]),
        ([], [0, 1, 2]),
    ],
)
def test_another_device_or_another_end_differs_in_its_group(
    leaves: list[Leaf], differ: list[int]
) -> None:
    now = grouped(leaves, [one.first for one in ROOT.groups])
    assert [at for at, one in enumerate(ROOT.groups) if now[at] != one] == differ


def test_a_signature_covers_all_that_a_root_says() -> None:
    assert ROOT.is_signed_by(KEY.public_key())
    assert ROOT.key == fingerprint(KEY.public_key())
    for other in (
        replace(ROOT, day="2026-03-02"),
        replace(ROOT, before=b"x" * 32),
        replace(ROOT, groups=ROOT.groups[1:]),
        replace(ROOT, groups=[replace(ROOT.groups[0], devices=1), *ROOT.groups[1:]]),
        replace(ROOT, signature=bytes(64)),
    ):
        assert not other.is_signed_by(KEY.public_key())
    assert not ROOT.is_signed_by(Ed25519PrivateKey.generate().public_key())


def test_a_root_is_stored_and_read() -> None:
    assert root_from_document(root_to_document(ROOT)) == ROOT
    assert (ROOT.devices, ROOT.until) == (5, datetime(2026, 3, 2, tzinfo=UTC))
    assert end_of("2026-12-31") == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"devices": 6},
        {"digest": Binary(bytes(32))},
        {"groups": []},
        {"groups": [["n/a", 2, "no digest"]]},
        {"_id": "yesterday"},
        {"key": None, "signature": None},
    ],
    ids=",".join,
)
def test_what_is_no_root_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(NoRoot):
        root_from_document(root_to_document(ROOT) | changed)


def test_keys_are_read_from_files(tmp_path: Path) -> None:
    private, public = tmp_path / "key.pem", tmp_path / "public.pem"
    private.write_bytes(KEY.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(KEY.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo))
    assert read_signing_key(private).private_bytes_raw() == KEY.private_bytes_raw()
    assert dict(read_public_keys([public])) == {fingerprint(KEY.public_key()): KEY.public_key()}


def test_what_is_no_key_is_said_without_its_content(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    for content in (b"", b"-----BEGIN SECRET-----", b"\xff"):
        file.write_bytes(content)
        with pytest.raises(KeyUnreadable, match=r"key\.pem: ValueError"):
            read_signing_key(file)
        with pytest.raises(KeyUnreadable, match=r"key\.pem: ValueError"):
            list(read_public_keys([file]))
    file.write_bytes(
        X25519PrivateKey.generate().private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with pytest.raises(KeyUnreadable, match="no Ed25519 key"):
        read_signing_key(file)
    with pytest.raises(KeyUnreadable, match="FileNotFoundError"):
        read_signing_key(tmp_path / "none.pem")
