"""How deep a broker's queues are, as ActiveMQ Classic's statistics plugin answers over AMQP.

https://activemq.apache.org/components/classic/documentation/statistics-plugin
"""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import proton
from proton.utils import BlockingConnection

from jms_transport.dialling import Address, TlsFiles

_PREFIX = "ActiveMQ.Statistics.Destination"
# A property of these names requests them; the second makes the broker send one more answer at the end.
_FIRST_MESSAGE = f"{_PREFIX}.Include.First.Message.Timestamp"
_END = f"{_PREFIX}.List.End.With.Null"
_MOST = 100


class DepthsUnknown(Exception):
    """This broker does not say; the text is why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """One queue: ``message_count`` includes what its consumers hold and have not settled."""

    message_count: int
    consumer_count: int
    unsettled_count: int
    # Since the broker's start.
    dequeued_count: int
    oldest_at: datetime | None


def read_depths(
    url: str,
    queues: Sequence[str],
    *,
    user: str = "",
    password: str = "",
    tls: TlsFiles | None = None,
    timeout_seconds: float,
) -> dict[str, QueueDepth]:
    """Return the depth of each queue that the broker knows; blocks. Raises DepthsUnknown, ValueError (address)."""
    address = Address.parse(url)
    if address.scheme not in {"amqp", "amqps"}:
        raise DepthsUnknown(f"queues can only be checked over AMQP, not {address.scheme}://")
    try:
        connection = BlockingConnection(
            url,
            timeout=timeout_seconds,
            ssl_domain=_tls(tls) if address.with_tls else None,
            user=user or None,
            password=password or None,
            allowed_mechs="PLAIN" if user else "ANONYMOUS",
        )
    except proton.ProtonException as error:
        raise DepthsUnknown(str(error)) from error
    try:
        return _ask(connection, queues[:_MOST], timeout_seconds)
    except proton.ProtonException as error:
        raise DepthsUnknown(str(error)) from error
    finally:
        connection.close()


def _ask(
    connection: BlockingConnection, queues: Sequence[str], timeout_seconds: float
) -> dict[str, QueueDepth]:
    product = str((connection.conn.remote_properties or {}).get(proton.symbol("product"), ""))
    if product != "ActiveMQ":
        raise DepthsUnknown(
            f"{product or 'this broker'} has no statistics plugin of ActiveMQ Classic"
        )
    answers = connection.create_receiver(None, dynamic=True, credit=_MOST + 1)
    questions = connection.create_sender(None)
    for number, queue in enumerate(queues):
        is_last = number == len(queues) - 1
        questions.send(
            proton.Message(
                address=f"queue://{_PREFIX}{queue}",
                reply_to=answers.link.remote_source.address,
                properties={_FIRST_MESSAGE: True, **({_END: True} if is_last else {})},
            )
        )
    found: dict[str, QueueDepth] = {}
    while True:
        try:
            told = answers.receive(timeout=timeout_seconds).body
        except proton.Timeout:
            raise DepthsUnknown("no statistics: is its statistics plugin switched on?") from None
        if not told:
            return found
        name = str(told.get("destinationName", "")).removeprefix("queue://")
        found[name] = _depth(told)


def _depth(told: Mapping[str, Any]) -> QueueDepth:
    oldest = int(told.get("firstMessageTimestamp", 0))
    return QueueDepth(
        message_count=int(told.get("size", 0)),
        consumer_count=int(told.get("consumerCount", 0)),
        unsettled_count=int(told.get("inflightCount", 0)),
        dequeued_count=int(told.get("dequeueCount", 0)),
        oldest_at=datetime.fromtimestamp(oldest / 1000, UTC) if 0 < oldest < 1e13 else None,  # noqa: PLR2004
    )


def _tls(files: TlsFiles | None) -> proton.SSLDomain:
    domain = proton.SSLDomain(proton.SSLDomain.MODE_CLIENT)
    ca_file = (files.ca_file if files else None) or ssl.get_default_verify_paths().cafile
    if ca_file is None:
        raise DepthsUnknown(
            "the system has no file of authorities: name one with the broker's address"
        )
    domain.set_trusted_ca_db(str(ca_file))
    domain.set_peer_authentication(proton.SSLDomain.VERIFY_PEER_NAME)
    if files is not None and files.certificate_file is not None:
        domain.set_credentials(
            str(files.certificate_file), str(files.key_file or files.certificate_file), None
        )
    return domain
