"""From the address of a broker to a connection: which transport, which port, which certificates."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from jms_transport.amqp.connection import connect_amqp
from jms_transport.openwire.connection import connect_openwire
from jms_transport.port import DEFAULT_MAX_MESSAGE_BYTES, Connection, TransportRefused

_DEFAULT_PORTS = {"amqp": 5672, "amqps": 5671, "tcp": 61616, "ssl": 61617}
_WITH_TLS = {"amqps", "ssl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: the authorities to trust (none: the system's), and the client's own certificate with its key."""

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def __post_init__(self) -> None:
        if self.key_file and not self.certificate_file:
            raise ValueError("the file of a key is named, but none of its certificate")

    def context(self) -> ssl.SSLContext:
        """Load the files; raises TransportRefused naming the file that cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise TransportRefused(f"CA file {self.ca_file} cannot be used: {error}") from error
        if self.certificate_file is not None:
            try:
                context.load_cert_chain(self.certificate_file, self.key_file)
            except (OSError, ssl.SSLError) as error:
                names = f"{self.certificate_file} with key {self.key_file}"
                raise TransportRefused(
                    f"client certificate {names} cannot be used: {error}"
                ) from error
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """``amqp://host:port`` or ``amqps://`` (AMQP 1.0), ``tcp://`` or ``ssl://`` (OpenWire, through the Java client)."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValueError with one line that says what is wrong."""
        expected = (
            "write amqp://HOST:PORT, amqps://, tcp:// (OpenWire) or ssl:// (OpenWire with TLS)"
        )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"{url!r} is not a broker's address ({error}): {expected}") from error
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is not a broker's address: {expected}")
        if parts.username or parts.password:
            raise ValueError(
                "a broker's address must not carry user or password: they have settings of their own"
            )
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(f"{url!r} has something after the port: {expected}")
        return cls(
            scheme=parts.scheme, host=parts.hostname, port=port or _DEFAULT_PORTS[parts.scheme]
        )

    @property
    def with_tls(self) -> bool:
        return self.scheme in _WITH_TLS


async def connect(
    url: str,
    *,
    user: str = "",
    password: str = "",
    tls: TlsFiles | None = None,
    client_id: str = "",
    max_message_bytes: int = DEFAULT_MAX_MESSAGE_BYTES,
    client_jars: Path | None = None,
) -> Connection:
    """Connect to a broker; the address chooses the transport.

    ``client_jars`` is for OpenWire: the directory with the ActiveMQ client's jars (default: env ACTIVEMQ_CLIENT_JARS).
    Raises ValueError (address), TransportRefused (user, certificate, jars), TransportLost.
    """
    address = Address.parse(url)
    if tls and tls != TlsFiles() and not address.with_tls:
        raise ValueError(f"TLS files are named, but {url} is plain: write amqps:// or ssl://")
    files = (tls or TlsFiles()) if address.with_tls else None
    if address.scheme in ("amqp", "amqps"):
        return await connect_amqp(
            host=address.host,
            port=address.port,
            user=user,
            password=password,
            tls=files.context() if files else None,
            client_id=client_id,
            max_message_bytes=max_message_bytes,
        )
    return await connect_openwire(
        host=address.host,
        port=address.port,
        user=user,
        password=password,
        tls=files,
        client_id=client_id,
        max_message_bytes=max_message_bytes,
        client_jars=client_jars,
    )
