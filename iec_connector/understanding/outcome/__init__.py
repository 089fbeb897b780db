"""Outcome: whether what a message says has happened, or was asked for, refused or only received.

In comes the opened envelope. Out go ``Outcome`` (what the sender's replies say of the whole message and of its
parts), and ``order_in``, why a part is an order. Never here: reading what a part says of a device.
"""

from iec_connector.understanding.outcome.orders import order_in
from iec_connector.understanding.outcome.trust import Outcome, outcome_of

__all__ = ["Outcome", "order_in", "outcome_of"]
