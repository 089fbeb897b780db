"""The certificate that a listener of the mesh shows to clients."""

import datetime as dt
import socket
import ssl
from dataclasses import dataclass

from cryptography import x509

_PATIENCE_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedCertificate:
    """`issuer` is the key identifier of the authority that signed it."""

    serial: int
    not_before: dt.datetime
    identities: tuple[str, ...]
    issuer: bytes | None


def presented_certificate(port: int) -> PresentedCertificate:
    """Read the certificate of 127.0.0.1:`port`; accept any, as it is not trusted.

    In TLS 1.3 a server shows its certificate before it asks for that of the client, so none is needed.

    Raises:
        OSError: no process listens there, or it does not speak TLS.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain) as encrypted,
    ):
        shown = encrypted.getpeercert(binary_form=True)
    if shown is None:
        raise OSError(f"port {port} shows no certificate")
    certificate = x509.load_der_x509_certificate(shown)
    extensions = certificate.extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    authority = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    return PresentedCertificate(
        serial=certificate.serial_number,
        not_before=certificate.not_valid_before_utc,
        identities=tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
        issuer=authority.key_identifier,
    )
