"""Where a stack listens."""

import socket
from pathlib import Path

from deploy.local.facts.ports import WELL_KNOWN, choose_ports

# From these the system takes ports for outgoing connections: /proc/sys/net/ipv4/ip_local_port_range by default.
TAKEN_FOR_CONNECTIONS = range(32_768, 61_000)
# `dapr run` looks for it there and nowhere else.
BY_DAPR = {"sentry": 50_001}


def test_no_port_of_a_stack_can_be_taken_for_an_outgoing_connection() -> None:
    inside = {name: port for name, port in WELL_KNOWN.items() if port in TAKEN_FOR_CONNECTIONS}
    assert inside == BY_DAPR


def test_a_port_that_is_taken_is_replaced_by_one_outside_of_those_for_connections(
    tmp_path: Path,
) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", BY_DAPR["sentry"]))
        except OSError:
            pass  # Somebody has it already; it is taken all the same.
        else:
            other.listen()
        chosen = choose_ports(tmp_path / "ports.json", None)
    assert chosen["sentry"] != BY_DAPR["sentry"]
    assert chosen["sentry"] not in TAKEN_FOR_CONNECTIONS
    assert len(set(chosen.values())) == len(WELL_KNOWN)
