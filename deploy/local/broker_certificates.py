"""Certificates for the broker's TLS port: an authority of the stack, the broker, and one client."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.secret_files import write_private

_VALID = dt.timedelta(days=3650)


def issue_broker_certificates(folder: Path, *, store_password: str, now: dt.datetime) -> None:
    """Fill `folder` unless it is filled: `broker.p12`, `trust.p12` for the broker, PEM for clients.

    Clients get `ca.pem`, `connector.pem` and `connector.key`. The authority's own key is thrown
    away, so nothing more can ever be signed under it.
    """
    done = folder / "connector.key"
    if done.exists():
        return
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "meterpark broker CA")])
    authority = (
        x509.CertificateBuilder()
        .subject_name(authority_name)
        .issuer_name(authority_name)
        .public_key(authority_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )

    def issue(
        name: str, usage: x509.ObjectIdentifier
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(authority_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + _VALID)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
                ),
                critical=False,
            )
            .sign(authority_key, hashes.SHA256())
        )
        return key, certificate

    sealed = BestAvailableEncryption(store_password.encode())
    broker_key, broker = issue("meterpark broker", ExtendedKeyUsageOID.SERVER_AUTH)
    client_key, client = issue("connector", ExtendedKeyUsageOID.CLIENT_AUTH)
    write_private(
        folder / "broker.p12",
        pkcs12.serialize_key_and_certificates(b"broker", broker_key, broker, [authority], sealed),
    )
    write_private(
        folder / "trust.p12",
        pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(authority, b"ca")], sealed),
    )
    write_private(folder / "ca.pem", authority.public_bytes(Encoding.PEM))
    write_private(folder / "connector.pem", client.public_bytes(Encoding.PEM))
    # Last, as it marks the folder as complete.
    write_private(done, client_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
