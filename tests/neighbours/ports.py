"""Free ports for neighbours."""

import random
import socket

# Above the well-known ports of a stack, which a person may start meanwhile, and below the range from which the
# system takes ports for outgoing connections (32768 and up): a port from there can be gone between being found
# free and being used.
_FIRST, _LAST = 21_000, 32_000


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nothing on 127.0.0.1 holds at this moment."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            candidate = socket.socket()
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", random.randint(_FIRST, _LAST)))  # noqa: S311
            except OSError:
                candidate.close()
                continue
            held.append(candidate)
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
