"""The transport to JMS brokers.

Comes in: the address of a broker, destinations (``queue://IEC20_PUSH``), messages to send.
Goes out: messages as :class:`~jms_transport.port.IncomingMessage`, each to be accepted or rejected once.
AMQP 1.0 and OpenWire implement the one port; :func:`~jms_transport.dialling.connect` chooses by the address.

A message that cannot be read comes too, with the reason beside what arrived: whoever takes messages decides about it,
and the next one is delivered. Whatever is in a message, it ends no connection and no thread.

Never here: what a message means; settling a message that nobody decided about; a reconnect that
the user of a connection does not see (``reconnecting`` is beside the connection, not inside it).
"""

from jms_transport.amqp.mapping import AMQP
from jms_transport.amqp.mapping import incoming as incoming_amqp
from jms_transport.destination import Destination, DestinationError
from jms_transport.dialling import Address, TlsFiles, connect
from jms_transport.port import (
    Connection,
    Delivery,
    Illegible,
    IncomingMessage,
    OutgoingMessage,
    PropertyValue,
    Subscription,
    TransportError,
    TransportLost,
    TransportRefused,
)
from jms_transport.reconnecting import stay_connected

__all__ = [
    "AMQP",
    "Address",
    "Connection",
    "Delivery",
    "Destination",
    "DestinationError",
    "Illegible",
    "IncomingMessage",
    "OutgoingMessage",
    "PropertyValue",
    "Subscription",
    "TlsFiles",
    "TransportError",
    "TransportLost",
    "TransportRefused",
    "connect",
    "incoming_amqp",
    "stay_connected",
]
