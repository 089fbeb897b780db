"""The authority under which Sentry signs: a root that every sidecar trusts, and an issuer below it.

While a rotation is under way (rotation.py) there are two: the one in use, and the next one in a
folder of its own. The files show which of its steps are done, so it may be interrupted at any time.
"""

import datetime as dt
import shutil
from pathlib import Path

from cryptography import x509

from deploy.local.certificates.authority import Authority, key_pem, pem
from deploy.local.certificates.mesh_identity import CONTROL_PLANE_TRUST_DOMAIN, SENTRY
from deploy.local.facts.secret_files import write_private

# The key first: the certificate shows that the next authority is in use.
_ISSUER_FILES = ("issuer.key", "issuer.crt")


def trust_anchors_file(authority: Path) -> Path:
    """The roots that are trusted, PEM: one, or two during a rotation."""
    return authority / "ca.crt"


def issue_authority(authority: Path, *, now: dt.datetime) -> None:
    """Make `ca.crt`, `issuer.crt` and `issuer.key` in that folder, unless they are there.

    The root's key is deleted: a thief of the directory can sign as this Sentry, but cannot make another one.
    """
    issuer_key_file = authority / "issuer.key"
    if issuer_key_file.exists():
        return
    root = Authority.new(CONTROL_PLANE_TRUST_DOMAIN, now=now)
    issuer = root.below(SENTRY, now=now)
    write_private(trust_anchors_file(authority), pem(root.certificate))
    write_private(authority / "issuer.crt", pem(issuer.certificate))
    # Last, as it marks the authority as complete.
    write_private(issuer_key_file, key_pem(issuer.key))


def issuer_key_identifier(authority: Path) -> bytes:
    """By what a certificate names this authority as its issuer."""
    issuer = x509.load_pem_x509_certificate((authority / "issuer.crt").read_bytes())
    return issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def trust_also(mesh: Path, upcoming: Path) -> None:
    """Add the next root to those that are trusted, unless it is there."""
    trusted = trust_anchors_file(mesh).read_bytes()
    root = trust_anchors_file(upcoming).read_bytes()
    if root not in trusted:
        write_private(trust_anchors_file(mesh), trusted + root)


def is_issuing(mesh: Path, upcoming: Path) -> bool:
    """Whether Sentry signs as the next authority already."""
    return (mesh / "issuer.crt").read_bytes() == (upcoming / "issuer.crt").read_bytes()


def issue_with(mesh: Path, upcoming: Path) -> None:
    """Let Sentry sign as the next authority."""
    for name in _ISSUER_FILES:
        write_private(mesh / name, (upcoming / name).read_bytes())


def trust_only(mesh: Path, upcoming: Path) -> None:
    """Forget every root but the next one, unless that is done."""
    root = trust_anchors_file(upcoming).read_bytes()
    if trust_anchors_file(mesh).read_bytes() != root:
        write_private(trust_anchors_file(mesh), root)


def finish_rotation(mesh: Path, upcoming: Path) -> None:
    """Take the next authority for good, if there is one: at once, so only while nothing runs."""
    if (upcoming / "issuer.key").exists():
        trust_also(mesh, upcoming)
        issue_with(mesh, upcoming)
        trust_only(mesh, upcoming)
    shutil.rmtree(upcoming, ignore_errors=True)
