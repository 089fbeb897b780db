"""Who is who between sidecars: the authority under which Sentry signs, and the tokens it asks for.

Outside Kubernetes Sentry signs for whoever asks. So every process of the stack gets a token (a
JWT, ES256) for exactly its own name, and Sentry is told to check it (components/sentry.yaml).
The key that signs the tokens is never stored: each start makes a new one, and new tokens.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.local.secret_files import write_private

CONTROL_PLANE_TRUST_DOMAIN = "cluster.local"
# Dapr's own for apps, unless each sidecar is told otherwise; the access policies name it.
APP_TRUST_DOMAIN = "public"
NAMESPACE = "default"
CONTROL_PLANE_IDS = ("dapr-placement", "dapr-scheduler")

_SENTRY = f"spiffe://{CONTROL_PLANE_TRUST_DOMAIN}/ns/{NAMESPACE}/dapr-sentry"
_AUTHORITY_VALID = dt.timedelta(days=3650)
# Tokens last as long as a stack may be up: a sidecar that restarts reads its file again.
_TOKEN_VALID = dt.timedelta(days=3650)
_P256_BYTES = 32


def trust_anchors_file(mesh: Path) -> Path:
    return mesh / "ca.crt"


def token_file(mesh: Path, identity: str) -> Path:
    return mesh / "tokens" / f"{identity}.jwt"


def issue_authority(mesh: Path, *, now: dt.datetime) -> None:
    """Make `ca.crt`, `issuer.crt` and `issuer.key` for Sentry, unless they are there.

    The root's key is thrown away: whoever gets hold of the directory can sign as this Sentry,
    but not make another one.
    """
    issuer_key_file = mesh / "issuer.key"
    if issuer_key_file.exists():
        return
    root_key, issuer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, CONTROL_PLANE_TRUST_DOMAIN)]
    )
    issuer_name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, _SENTRY)])
    root = _authority(root_name, root_key, root_name, root_key, now)
    issuer = _authority(issuer_name, issuer_key, root_name, root_key, now)
    write_private(trust_anchors_file(mesh), root.public_bytes(Encoding.PEM))
    write_private(mesh / "issuer.crt", issuer.public_bytes(Encoding.PEM))
    write_private(
        issuer_key_file,
        issuer_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def issue_tokens(mesh: Path, apps: tuple[str, ...], *, now: dt.datetime) -> None:
    """Write a token per app and control plane process, and `jwks.json` to check them with."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_numbers()
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "kid": "stack",
        "x": _base64url(public.x.to_bytes(_P256_BYTES, "big")),
        "y": _base64url(public.y.to_bytes(_P256_BYTES, "big")),
    }
    identities = {
        **dict.fromkeys(apps, APP_TRUST_DOMAIN),
        **dict.fromkeys(CONTROL_PLANE_IDS, CONTROL_PLANE_TRUST_DOMAIN),
    }
    for identity, trust_domain in identities.items():
        claims = {
            "sub": f"spiffe://{trust_domain}/ns/{NAMESPACE}/{identity}",
            "aud": [_SENTRY],
            "iat": int(now.timestamp()),
            "exp": int((now + _TOKEN_VALID).timestamp()),
        }
        write_private(token_file(mesh, identity), _signed(claims, key))
    write_private(mesh / "jwks.json", json.dumps({"keys": [jwk]}))


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
        .not_valid_after(now + _AUTHORITY_VALID)
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


def _signed(claims: Mapping[str, object], key: ec.EllipticCurvePrivateKey) -> str:
    # Three lines of RFC 7515 rather than a dependency for one token kind.
    header = {"alg": "ES256", "typ": "JWT", "kid": "stack"}
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")
    return f"{signed}.{_base64url(signature)}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
