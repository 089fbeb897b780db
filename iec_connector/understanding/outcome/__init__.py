"""Outcome: whether the content of a message happened, or was requested, refused or only received.

In comes the opened envelope. Out go ``Outcome`` (what the sender's replies say about the whole message and its parts),
and ``order_in``, why a part is an order. Never here: reading what a part says about a device.
"""

from iec_connector.understanding.outcome.orders import order_in
from iec_connector.understanding.outcome.trust import Outcome, outcome_of

__all__ = ["Outcome", "order_in", "outcome_of"]
