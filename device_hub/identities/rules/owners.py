"""The owner of an identifier, by the claims. Pure."""

from collections.abc import Set as AbstractSet

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Claims, Follow, Known
from device_hub.identities.rules.names import UNKNOWN, device_of


def owner_of_chosen(known: Known, network: str, chosen: Identifier) -> str | None:
    """Return the device that the chosen identifier alone identifies, or None."""
    return owner_among(known.named(network, chosen.value), network, chosen, known.follow)


def owner_among(claims: Claims, network: str, chosen: Identifier, follow: Follow) -> str | None:
    """Return the device that the chosen identifier alone identifies among all claims that look like it, or None."""
    own = device_of(network, chosen.value)
    unnamed = claims.get(Identifier(UNKNOWN, chosen.value))
    if unnamed is not None and own in unnamed.devices:
        # From before schemes were known, or from a name of no kind: that device has been called so ever since.
        return follow(own)
    exact = claims.get(chosen)
    if exact is not None and (owner := exact.owner(follow)):
        return owner
    if exact is not None or any(
        own in claim.devices for one, claim in claims.items() if one.value == chosen.value
    ):
        # A device had this name from the start; or the name is shared, and identifies none of those that share it.
        return follow(own)
    return _whatever_scheme(claims, chosen, follow)


def owner_of(known: Known, network: str, one: Identifier) -> str | None:
    """Return the one device that has the identifier, or None."""
    claims = known.named(network, one.value)
    exact = claims.get(one)
    if exact is not None:
        return exact.owner(known.follow)
    return _whatever_scheme(claims, one, known.follow)


def second_value(
    known: Known, device_id: str, one: Identifier, telling: AbstractSet[str]
) -> Identifier | None:
    """Return the identifier of a telling kind that the device has and that ``one`` would be a second of."""
    if one.scheme not in telling:
        return None
    of_kind = {has for has in known.names_of(device_id) if has.scheme == one.scheme}
    return min(of_kind) if of_kind and one not in of_kind else None


def is_told(known: Known, device_id: str, telling: AbstractSet[str]) -> bool:
    """Whether the device has a name of a telling kind."""
    return any(has.scheme in telling for has in known.names_of(device_id))


def _whatever_scheme(claims: Claims, one: Identifier, follow: Follow) -> str | None:
    """When one side does not state the scheme, the value must identify one device alone."""
    owners = {
        claim.owner(follow)
        for other, claim in claims.items()
        if other.value == one.value and UNKNOWN in (one.scheme, other.scheme)
    }
    return owners.pop() if len(owners) == 1 else None
