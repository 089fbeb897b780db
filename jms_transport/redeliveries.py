"""How often the broker has delivered a message before: a sign of a limit that good messages run into.

Brokers put a message among the dead letters when they have delivered it so often in vain (Artemis: 10 times, unless
``max-delivery-attempts`` says otherwise; Classic: as a redelivery policy says). A message counts as delivered when it
was sent to us, not when we looked at it: each lost connection costs every message of the credit one attempt.
No broker tells its limit over AMQP or OpenWire, so the count is watched.
"""

import structlog

from jms_transport.port import IncomingMessage

log = structlog.get_logger()

MANY_DELIVERIES = 4
"""From this delivery on it is said: half of what the smallest usual limit (6, that of JMS clients) leaves."""


class Redeliveries:
    """Watches one subscription, and says once for each new height what the count means."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._said = MANY_DELIVERIES - 1

    def saw(self, message: IncomingMessage) -> None:
        """Check an arrived message; log one line when its count is a new maximum."""
        if message.delivery_count <= self._said:
            return
        self._said = max(message.delivery_count, 2 * self._said)
        log.warning(
            "the broker delivers messages again and again",
            destination=self._address,
            message_id=message.message_id,
            delivery_count=message.delivery_count,
            remedy="a limit of deliveries at the broker ends good messages as dead letters: raise it"
            " above the number of reconnects, or lower the source's credit (docs/operations.md)",
        )
