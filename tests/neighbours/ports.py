"""Free ports for neighbours."""

import os
import random
import socket

# Above the well-known ports of a stack, which a person may start meanwhile, and below the range from which the
# system takes ports for outgoing connections (32768 and up): a port from there can be gone between being found
# free and being used.
_FIRST, _LAST = 21_000, 32_000
# A run in several processes gives each a share of its own. A neighbour that is restarted has let its port go for a
# moment, and another process of the run would take it.
_SHARES = 4
# Given in this process, for the same reason.
_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nothing on 127.0.0.1 holds at this moment, and that nobody here was given."""
    held: list[socket.socket] = []
    mine = [
        port for port in ports_of(os.environ.get("PYTEST_XDIST_WORKER", "")) if port not in _given
    ]
    # Each is tried once: two sockets that may be used again, and do not listen, may hold the same port.
    random.shuffle(mine)
    try:
        while len(held) < count:
            candidate = socket.socket()
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", mine.pop()))
            except OSError:
                candidate.close()
                continue
            held.append(candidate)
        found = [one.getsockname()[1] for one in held]
        _given.update(found)
        return found
    finally:
        for one in held:
            one.close()


def ports_of(worker: str) -> range:
    """Return the share of a process of a run, "gw0" and so on; "" is a run in one process and has all of them."""
    number = worker.removeprefix("gw")
    if not number.isdigit():
        return range(_FIRST, _LAST)
    size = (_LAST - _FIRST) // _SHARES
    first = _FIRST + int(number) % _SHARES * size
    return range(first, first + size)
