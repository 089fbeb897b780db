"""The terms of a link: lasting names, durability, and capabilities that both brokers understand."""

import uuid
from typing import Any

import proton

from jms_transport.destination import Destination


def link_name(destination: Destination, *, has_client_id: bool) -> str:
    if destination.durable:
        return destination.durable
    if destination.shared:
        return destination.shared if has_client_id else f"{destination.shared}|global"
    return f"from-{destination.address}-{uuid.uuid4()}"


def describe_source(source: Any, destination: Destination, *, has_client_id: bool) -> None:
    capabilities: list[str] = [destination.kind]
    if destination.durable or destination.shared:
        source.durability = proton.Terminus.DELIVERIES
        source.expiry_policy = proton.Terminus.EXPIRE_NEVER
    if destination.shared:
        capabilities.append("shared")
        if not has_client_id:
            capabilities.append("global")
    require(source, capabilities)


def require(terminus: Any, names: list[str]) -> None:
    symbols = [proton.symbol(name) for name in names]
    terminus.capabilities.put_object(proton.Array(proton.UNDESCRIBED, proton.Data.SYMBOL, *symbols))


def has_shared_subscriptions(connection: Any) -> bool:
    """Whether the broker said so when it opened; Classic takes such a link, and gives every reader all messages."""
    return "SHARED-SUBS" in (connection.remote_offered_capabilities or ())
