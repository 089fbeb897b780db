"""Which broker to send to and to look at, and as whom.

Apart from the rest of the stack's description: commands that only ask a service need not wait for the transport.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jms_transport import TlsFiles
from meterpark_cli.stack.local_stack import DEFAULT_DESTINATION, read_secret, read_stack


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAccess:
    url: str
    user: str
    password_file: Path | None
    destination: str
    # For amqps:// and ssl://; None means the system's.
    tls: TlsFiles | None = None


def find_broker(environment: Mapping[str, str]) -> BrokerAccess | None:
    """Return the broker that the environment names, else the local stack's, else None."""
    url = environment.get("METERPARK_BROKER_URL")
    if url:
        password_file = environment.get("METERPARK_BROKER_PASSWORD_FILE")
        return BrokerAccess(
            url=url,
            user=environment.get("METERPARK_BROKER_USER", ""),
            password_file=Path(password_file) if password_file else None,
            destination=environment.get("METERPARK_DESTINATION") or DEFAULT_DESTINATION,
            tls=TlsFiles(
                **{
                    name: Path(file)
                    for name in ("ca_file", "certificate_file", "key_file")
                    if (file := environment.get(f"METERPARK_BROKER_{name.upper()}"))
                }
            ),
        )
    stack = read_stack(environment)
    if stack is None or stack.broker is None:
        return None
    entry = stack.broker
    return BrokerAccess(
        url=entry.url_amqp,
        user=entry.user_hes,
        password_file=entry.password_file_hes,
        destination=environment.get("METERPARK_DESTINATION") or entry.destination,
    )


def read_password(access: BrokerAccess) -> str:
    return read_secret(access.password_file, "password file")
