"""Which network a message, or a device in it, belongs to, by the source's rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from iec_connector.understanding.source import (
    HEADER_SOURCE,
    NAME_TYPE_AUTHORITY,
    FixedNetwork,
    NetworkByDestination,
    NetworkInMessage,
    is_network,
)
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from iec_connector.understanding.header import Header
    from iec_connector.understanding.naming.identity import Identity
    from iec_connector.understanding.source import NetworkRule


def network_of_message(rule: NetworkRule, header: Header, destination: str) -> str:
    """Return the network of the whole message; ``""`` when each device has its own.

    Raises:
        Unreadable: ``NETWORK_UNKNOWN`` or ``NETWORK_NOT_ALLOWED``.
    """
    match rule:
        case FixedNetwork():
            return rule.network
        case NetworkByDestination():
            return _network_of_destination(rule, destination)
        case NetworkInMessage():
            if rule.place == NAME_TYPE_AUTHORITY:
                return ""
            if rule.place == HEADER_SOURCE:
                return _spelled(rule, header.source, "Header/Source")
            wanted = rule.name.lower()
            said = (value for name, value in header.properties.items() if name.lower() == wanted)
            return _spelled(rule, next(said, ""), f"Header/Property {rule.name}")
        case _:
            assert_never(rule)


def network_of_device(rule: NetworkRule, network: str, identity: Identity) -> str:
    """The network of one device, given the message's.

    Raises:
        Unreadable: ``NETWORK_UNKNOWN`` or ``NETWORK_NOT_ALLOWED``.
    """
    if isinstance(rule, NetworkInMessage) and rule.place == NAME_TYPE_AUTHORITY:
        return _spelled(rule, identity.authority, "Names/NameType/NameTypeAuthority")
    return network


def _network_of_destination(rule: NetworkByDestination, destination: str) -> str:
    plain = destination.rpartition("://")[2]
    fitting = [
        pattern
        for pattern in rule.networks
        if pattern.rpartition("://")[2] == plain
        or (pattern.endswith("*") and plain.startswith(pattern.rpartition("://")[2][:-1]))
    ]
    if not fitting:
        raise Unreadable(
            Reason.NETWORK_UNKNOWN, f"no network is configured for destination {destination!r}"
        )
    return rule.networks[
        max(fitting, key=lambda pattern: (not pattern.endswith("*"), len(pattern)))
    ]


def _spelled(rule: NetworkInMessage, said: str, where: str) -> str:
    network = rule.spellings.get(said) or said.lower()
    if not said or not is_network(network):
        detail = f"{said[:60]!r} in {where} is no network" if said else f"{where} names no network"
        raise Unreadable(Reason.NETWORK_UNKNOWN, detail)
    if rule.allowed and network not in rule.allowed:
        raise Unreadable(
            Reason.NETWORK_NOT_ALLOWED,
            f"network {network!r} of {where} is not among those of this source",
        )
    return network
