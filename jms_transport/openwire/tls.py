"""PEM files for the Java client, which wants key stores: built in memory, nothing is written."""

import secrets
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from jms_transport.port import TransportRefused


class PemFiles(Protocol):
    """The files that are given."""

    @property
    def ca_file(self) -> Path | None: ...
    @property
    def certificate_file(self) -> Path | None: ...
    @property
    def key_file(self) -> Path | None: ...


def arm(jpype: Any, factory: Any, files: PemFiles) -> None:
    """Give an ActiveMQSslConnectionFactory its keys and trusted issuers; raises TransportRefused."""
    keys = trust = None
    if files.certificate_file is not None:
        password = secrets.token_urlsafe(24)
        store = _key_store(
            jpype, _pkcs12(files.certificate_file, files.key_file, password), password
        )
        made = jpype.JClass("javax.net.ssl.KeyManagerFactory").getInstance("PKIX")
        made.init(store, jpype.JArray(jpype.JChar)(password))
        keys = made.getKeyManagers()
    if files.ca_file is not None:
        store = jpype.JClass("java.security.KeyStore").getInstance("PKCS12")
        store.load(None, None)
        authorities = jpype.JClass("java.security.cert.CertificateFactory").getInstance("X.509")
        stream = jpype.JClass("java.io.ByteArrayInputStream")
        for number, authority in enumerate(x509.load_pem_x509_certificates(_read(files.ca_file))):
            der = jpype.JArray(jpype.JByte)(authority.public_bytes(serialization.Encoding.DER))
            store.setCertificateEntry(
                f"authority-{number}", authorities.generateCertificate(stream(der))
            )
        made = jpype.JClass("javax.net.ssl.TrustManagerFactory").getInstance("PKIX")
        made.init(store)
        trust = made.getTrustManagers()
    factory.setKeyAndTrustManagers(keys, trust, None)


def _pkcs12(certificate_file: Path, key_file: Path | None, password: str) -> bytes:
    try:
        own, *chain = x509.load_pem_x509_certificates(_read(certificate_file))
        key = serialization.load_pem_private_key(_read(key_file or certificate_file), password=None)
    except (ValueError, TypeError) as error:
        names = f"{certificate_file} with key {key_file or certificate_file}"
        raise TransportRefused(f"client certificate {names} cannot be used: {error}") from error
    if not isinstance(
        key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    ):
        raise TransportRefused(
            f"the key in {key_file or certificate_file} is neither RSA nor EC nor Ed25519"
        )
    encryption = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"client", key, own, chain, encryption)


def _key_store(jpype: Any, content: bytes, password: str) -> Any:
    store = jpype.JClass("java.security.KeyStore").getInstance("PKCS12")
    stream = jpype.JClass("java.io.ByteArrayInputStream")(jpype.JArray(jpype.JByte)(content))
    store.load(stream, jpype.JArray(jpype.JChar)(password))
    return store


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TransportRefused(f"{file} cannot be read: {error.strerror}") from error
