"""Ports for neighbours: no two processes of a run, and no two neighbours of a process, are given the same one."""

from itertools import combinations

from tests.neighbours.ports import free_ports, ports_of


def test_each_process_of_a_run_has_ports_of_its_own() -> None:
    shares = [set(ports_of(f"gw{number}")) for number in range(4)]
    assert all(shares)
    assert not any(one & other for one, other in combinations(shares, 2))
    assert set().union(*shares) <= set(ports_of(""))


def test_a_port_is_given_once() -> None:
    given = [port for _ in range(20) for port in free_ports(10)]
    assert len(set(given)) == len(given)
