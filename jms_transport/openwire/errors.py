"""What the Java client's exceptions mean for the user of the port."""

from typing import Any

from jms_transport.openwire.mapping import text_of
from jms_transport.port import TransportError, TransportLost, TransportRefused

_REFUSALS = (
    "SecurityException",
    "SSLHandshakeException",
    "SSLPeerUnverifiedException",
    "InvalidDestinationException",
)


def error_of(error: Any, what: str) -> TransportError:
    """Return a refusal when a cause in Java's chain says so, else a loss; also for other errors."""
    if not hasattr(error, "getClass"):
        return TransportLost(f"{what}: {type(error).__name__}: {' '.join(str(error).split())}")
    text = " ".join(text_of(error.getMessage() or error.getClass().getSimpleName()).split())
    cause = error
    while cause is not None:
        if str(cause.getClass().getSimpleName()).endswith(_REFUSALS):
            return TransportRefused(f"{what}: the broker refuses: {text}")
        cause = cause.getCause()
    return TransportLost(f"{what}: {text}")
