"""The files of the sidecars' authority, and what a start makes of a rotation that was broken off."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deploy.local.certificates.mesh_authority import (
    finish_rotation,
    is_issuing,
    issue_authority,
    issue_with,
    trust_also,
    trust_anchors_file,
    trust_only,
)

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    issue_authority(tmp_path / "mesh", now=NOW)
    return tmp_path / "mesh"


def _roots(authority: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(trust_anchors_file(authority).read_bytes())


def _is_whole(authority: Path) -> bool:
    """Whether Sentry can sign with it, and what it signs is trusted."""
    issuer = x509.load_pem_x509_certificate((authority / "issuer.crt").read_bytes())
    key = load_pem_private_key((authority / "issuer.key").read_bytes(), password=None)
    for root in _roots(authority):
        try:
            issuer.verify_directly_issued_by(root)
        except InvalidSignature:
            continue
        return issuer.public_key() == key.public_key()
    return False


def test_an_authority_stays_as_the_first_start_made_it(mesh: Path) -> None:
    before = {file.name: file.read_bytes() for file in mesh.iterdir()}
    issue_authority(mesh, now=NOW + dt.timedelta(days=400))
    finish_rotation(mesh, mesh.with_name("next"))
    assert {file.name: file.read_bytes() for file in mesh.iterdir()} == before


def test_of_a_rotation_only_its_last_step_forgets_the_old_root(mesh: Path) -> None:
    upcoming = mesh.with_name("next")
    issue_authority(upcoming, now=NOW)
    old, new = _roots(mesh), _roots(upcoming)
    for _ in range(2):
        trust_also(mesh, upcoming)
        assert _roots(mesh) == [*old, *new]
        assert _is_whole(mesh)
    assert not is_issuing(mesh, upcoming)
    for _ in range(2):
        issue_with(mesh, upcoming)
        assert is_issuing(mesh, upcoming)
        assert _roots(mesh) == [*old, *new]
        assert _is_whole(mesh)
    for _ in range(2):
        trust_only(mesh, upcoming)
        assert _roots(mesh) == new
        assert _is_whole(mesh)


@pytest.mark.parametrize("steps", range(5))
def test_a_start_finishes_a_rotation_that_was_broken_off_anywhere(mesh: Path, steps: int) -> None:
    upcoming = mesh.with_name("next")
    issue_authority(upcoming, now=NOW)
    new = _roots(upcoming)
    if steps > 0:
        trust_also(mesh, upcoming)
    if steps == 2:  # between the two files of the issuer
        (mesh / "issuer.key").write_bytes((upcoming / "issuer.key").read_bytes())
        assert not _is_whole(mesh)
    if steps > 2:
        issue_with(mesh, upcoming)
    if steps > 3:
        trust_only(mesh, upcoming)
    finish_rotation(mesh, upcoming)
    assert _roots(mesh) == new
    assert _is_whole(mesh)
    assert not upcoming.exists()


def test_a_start_forgets_a_next_authority_that_was_not_complete(mesh: Path) -> None:
    upcoming = mesh.with_name("next")
    issue_authority(upcoming, now=NOW)
    (upcoming / "issuer.key").unlink()
    old = _roots(mesh)
    finish_rotation(mesh, upcoming)
    assert _roots(mesh) == old
    assert _is_whole(mesh)
    assert not upcoming.exists()
