"""The authority under which Sentry signs: a root that every sidecar trusts, and an issuer below it.

While a rotation is under way (rotation.py) there are two: the one in use, and the next one in a
folder of its own. Which of its steps are done is read from the files, so it may be broken off at any time.
"""

import datetime as dt
import shutil
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.local.certificates.mesh_identity import CONTROL_PLANE_TRUST_DOMAIN, SENTRY
from deploy.local.facts.secret_files import write_private

_VALID = dt.timedelta(days=3650)


# The key first: what tells that the next authority is in use is its certificate.
_ISSUER_FILES = ("issuer.key", "issuer.crt")


def trust_anchors_file(authority: Path) -> Path:
    """The roots that are trusted, PEM: one, or two during a rotation."""
    return authority / "ca.crt"


def issue_authority(authority: Path, *, now: dt.datetime) -> None:
    """Make `ca.crt`, `issuer.crt` and `issuer.key` in that folder, unless they are there.

    The root's key is thrown away: whoever gets hold of the directory can sign as this Sentry,
    but not make another one.
    """
    issuer_key_file = authority / "issuer.key"
    if issuer_key_file.exists():
        return
    root_key, issuer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, CONTROL_PLANE_TRUST_DOMAIN)]
    )
    issuer_name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, SENTRY)])
    root = _authority(root_name, root_key, root_name, root_key, now)
    issuer = _authority(issuer_name, issuer_key, root_name, root_key, now)
    write_private(trust_anchors_file(authority), root.public_bytes(Encoding.PEM))
    write_private(authority / "issuer.crt", issuer.public_bytes(Encoding.PEM))
    # Last, as it marks the authority as complete.
    write_private(
        issuer_key_file,
        issuer_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


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


def _authority(
    name: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        # Go finds the signer of a certificate by these two.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
