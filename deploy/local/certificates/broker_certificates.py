"""Certificates for the broker's TLS port: an authority of the stack, the broker, and one client."""

import datetime as dt
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.local.certificates.authority import Authority, key_pem, pem
from deploy.local.facts.secret_files import write_private


def issue_broker_certificates(folder: Path, *, store_password: str, now: dt.datetime) -> None:
    """Fill `folder` unless it is filled: `broker.p12`, `trust.p12` for the broker, PEM for clients.

    Clients get `ca.pem`, `connector.pem` and `connector.key`.
    """
    done = folder / "connector.key"
    if done.exists():
        return
    authority = Authority.new("meterpark broker CA", now=now)
    broker_key, broker = authority.issue(
        "meterpark broker", [ExtendedKeyUsageOID.SERVER_AUTH], now=now
    )
    client_key, client = authority.issue("connector", [ExtendedKeyUsageOID.CLIENT_AUTH], now=now)
    sealed = BestAvailableEncryption(store_password.encode())
    signed_by = authority.certificate
    write_private(
        folder / "broker.p12",
        pkcs12.serialize_key_and_certificates(b"broker", broker_key, broker, [signed_by], sealed),
    )
    write_private(
        folder / "trust.p12",
        pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(signed_by, b"ca")], sealed),
    )
    write_private(folder / "ca.pem", pem(signed_by))
    write_private(folder / "connector.pem", pem(client))
    # Last, as it marks the folder as complete.
    write_private(done, key_pem(client_key))
