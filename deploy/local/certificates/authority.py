"""Certificate authorities that live for one folder of certificates, and what they sign."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_VALID = dt.timedelta(days=3650)
_HERE = x509.SubjectAlternativeName(
    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Its holder can sign. When a root's key is deleted, no more can be signed under it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, name: str, *, now: dt.datetime) -> Self:
        """Make a root."""
        key, subject = _new_key(), _organization(name)
        return cls(
            key=key, certificate=_authority(subject, key, issuer=subject, signer=key, now=now)
        )

    def below(self, name: str, *, now: dt.datetime) -> "Authority":
        """Make an authority that signs in the name of this one."""
        key = _new_key()
        issuer = self.certificate.subject
        return Authority(
            key=key,
            certificate=_authority(
                _organization(name), key, issuer=issuer, signer=self.key, now=now
            ),
        )

    def issue(
        self,
        name: str,
        usages: Sequence[x509.ObjectIdentifier],
        *,
        now: dt.datetime,
        organization: str = "",
        at: Sequence[x509.GeneralName] = (),
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """Sign a new key for `name`, where `at` says: on this machine (localhost, 127.0.0.1), if it says nothing."""
        key = _new_key()
        group = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
        subject = x509.Name(
            [
                *(group if organization else ()),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        issuer = self.certificate.subject
        certificate = (
            _beginning(subject, key, issuer=issuer, signer=self.key, now=now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.SubjectAlternativeName(at) if at else _HERE, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return key, certificate


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the key in the clear (PKCS 8): for files that only their owner can read."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _organization(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])


def _authority(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.Certificate:
    return (
        _beginning(subject, key, issuer=issuer, signer=signer, now=now)
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
        .sign(signer, hashes.SHA256())
    )


def _beginning(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.CertificateBuilder:
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _VALID)
        # Go finds the signer of a certificate by these two, and strict clients refuse one without.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(signed_by, critical=False)
    )
