"""What AMQP's error conditions mean for the user of the port."""

from typing import Any

from jms_transport.port import TransportError, TransportLost, TransportRefused

_REFUSALS = {
    "amqp:unauthorized-access",
    "amqp:not-found",
    "amqp:not-allowed",
    "amqp:not-implemented",
}


def error_of(condition: Any, what: str) -> TransportError:
    """Return the error for a remote condition."""
    if condition is None:
        return TransportLost(f"{what}: the broker closed it without a reason")
    text = " ".join(str(condition.description or condition.name).split())
    if condition.name in _REFUSALS:
        return TransportRefused(f"{what}: the broker refuses: {text}")
    return TransportLost(f"{what}: {text}")
