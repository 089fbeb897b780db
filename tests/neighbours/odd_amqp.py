"""AMQP messages as no client of ours would write them, and a way to send them byte for byte."""

import asyncio
from collections.abc import Mapping
from typing import Any

import proton
from proton.reactor import SenderOption
from proton.utils import BlockingConnection

from jms_transport.amqp.terminus import require

_PLACEHOLDER = b"~~"
_NO_UTF_8 = b"\xc3\x28"


def encoded(body: Any, *, in_data: bool = False, **fields: Any) -> bytes:
    """Encode a message; ``in_data`` puts bytes into a Data section.

    ``~~`` in any text becomes two bytes that are no UTF-8.
    """
    message = proton.Message(body=body, inferred=in_data, durable=True, **fields)
    return bytes(message.encode()).replace(_PLACEHOLDER, _NO_UTF_8)


def with_data_sections(raw: bytes, *more: bytes) -> bytes:
    """Add Data sections at the end."""
    return raw + b"".join(
        b"\x00\x53\x75\xb0" + len(part).to_bytes(4, "big") + part for part in more
    )


class _Encoded(proton.Message):  # type: ignore[misc]  # proton has no types
    """A message that is encoded already."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = raw

    def encode(self) -> bytes:
        return self._raw


class _ToQueue(SenderOption):  # type: ignore[misc]  # proton has no types
    """Without it Artemis makes a topic, and drops what nobody hears."""

    def apply(self, sender: Any) -> None:
        require(sender.target, ["queue"])


async def send_raw(url: str, address: str, *messages: bytes, user: str, password: str) -> None:
    """Send encoded messages; return when the broker has accepted all of them."""

    def send() -> None:
        connection = BlockingConnection(
            url, timeout=20, user=user, password=password, allowed_mechs="PLAIN",
            allow_insecure_mechs=True,
        )  # fmt: skip
        try:
            sender = connection.create_sender(address, options=_ToQueue())
            for raw in messages:
                sender.send(_Encoded(raw))
        finally:
            connection.close()

    await asyncio.to_thread(send)


ODD_TIME: Mapping[str, Any] = {"creation_time": 1.78e15}
"""A time of creation in microseconds, where AMQP wants milliseconds."""
