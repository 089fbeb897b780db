"""More processes of the hub beside the one of the stack, each with a sidecar of its own."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from benchmarks.stack.bench_stack import HUB, BenchStack
from benchmarks.trouble import BenchFailed
from deploy.local.facts.ports import is_free
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.stack.replica import Replica, ReplicaFailed, ports_needed

_READY_SECONDS: Final = 60.0
_PORTS: Final = range(21_000, 32_000)


@contextmanager
def hubs_in_all(bench: BenchStack, count: int) -> Iterator[Sequence[Replica]]:
    """Start what is missing to `count` hubs; yield those beside the stack's own. They end with the block."""
    facts = StackFacts(
        settings=bench.stack.settings,
        runtime=bench.runtime,
        state=bench.stack.state,
        ports=bench.description["ports"],
        environment={},
    )
    needed = len(ports_needed(HUB))
    ports = _free_ports(needed * (count - 1), taken=set(facts.ports.values()))
    replicas = [
        Replica.beside(
            facts, HUB, number=number, ports=ports[(number - 2) * needed : (number - 1) * needed]
        )
        for number in range(2, count + 1)
    ]
    try:
        for replica in replicas:
            replica.start()
        for replica in replicas:
            replica.wait_until_ready(_READY_SECONDS)
        yield replicas
    except ReplicaFailed as error:
        raise BenchFailed(str(error)) from error
    finally:
        for replica in replicas:
            replica.stop()


def _free_ports(count: int, *, taken: set[int]) -> list[int]:
    wanted = (port for port in random.sample(_PORTS, len(_PORTS)) if port not in taken)
    free = (port for port in wanted if is_free(port))
    return [next(free) for _ in range(count)]
