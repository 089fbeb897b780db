"""A reading that hangs. In a module of its own: the other process imports it by its name."""

import signal
from typing import Any

from iec_connector.reading.process import Travelling, read_to_travel


def read_or_hang(body: str | bytes, *asked: Any) -> Travelling:
    """``HANG`` is read for ever."""
    while body == "HANG":
        signal.pause()
    return read_to_travel(body, *asked)
