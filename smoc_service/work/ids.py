"""Numbers of jobs, imports and lists, and the name of a process that works."""

import re
import secrets
import socket
import time
from typing import Final

from service_chassis.refusals import argument_invalid

_ID: Final = re.compile(r"[0-9a-f]{20}")


def new_id() -> str:
    """Return an id that no other has; those made later are greater."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(4)}"


def read_id(text: str, field: str) -> str:
    if not _ID.fullmatch(text):
        raise argument_invalid(field, f"{text[:60]!r} is not 20 hexadecimal digits")
    return text


def new_session() -> str:
    """Return an id that distinguishes this start of the process from all others."""
    return secrets.token_hex(16)


def worker_name(given: str, port: int) -> str:
    """Return the name of this process, the same after its restart, and no other's: ``given``, else host and port.

    A process on a free port has no lasting name: its work is waited for, a lease long.
    """
    return given or f"{socket.gethostname()}:{port or new_session()}"
