"""Doubts about a report that found its device: names of another device, names of no device, names that look alike.

Pure. They are raised each time a report shows them; the list knows which it holds already.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Conflict, Kind, Known
from device_hub.identities.rules.owners import is_told, owner_of, second_value


def doubts_about_names(
    known: Known,
    network: str,
    said: Sequence[Identifier],
    telling: AbstractSet[str],
    device_id: str,
) -> Iterator[Conflict]:
    """Yield what contradicts in the names that an event or a reading gives its device, and that it does not teach."""
    device = known.follow(device_id)
    for one in said[1:]:
        owner = owner_of(known, network, one)
        if owner == device or (one in known.named(network, one.value) and owner is None):
            # Its own; or shared, and on the list since two had it.
            continue
        tells = one.scheme in telling
        if owner is not None:
            kind = Kind.CLAIMED_BY_ANOTHER if tells else Kind.WEAK_NAME_SHARED
            yield Conflict(network, kind, one, device_id, owner)
        elif tells and (other := second_value(known, device_id, one, telling)):
            yield Conflict(network, Kind.SECOND_VALUE, one, device_id, device_id, other.value)


def placed_by_weak_name(
    known: Known,
    network: str,
    said: Sequence[Identifier],
    telling: AbstractSet[str],
    device_id: str,
    *,
    teaches: bool,
) -> Iterator[Conflict]:
    """Yield a conflict for a report that only a weak chosen name places, while it states a telling name of no device.

    Also when the report makes the device: what an event states is not learned, so another meter's configuration under
    the same weak name would get the device, and nothing would contradict it.
    A telling name for a device without one is no conflict: so a device gets its first one.
    """
    if said[0].scheme in telling:
        return
    stated = [one for one in said[1:] if one.scheme in telling]
    if not stated or any(
        owner_of(known, network, one) == known.follow(device_id) for one in stated
    ):
        return
    if teaches and not is_told(known, device_id, telling):
        return
    for one in stated:
        if owner_of(known, network, one) is None and not second_value(
            known, device_id, one, telling
        ):
            yield Conflict(
                network, Kind.PLACED_BY_WEAK_NAME, one, device_id, device_id, said[0].value
            )


def look_alikes(
    known: Known,
    network: str,
    said: Sequence[Identifier],
    telling: AbstractSet[str],
    device_id: str,
) -> Iterator[Conflict]:
    """Yield the identifiers of other devices that differ from those of this one only in their spelling."""
    device = known.follow(device_id)
    called = device_id.partition("/")[2]
    for one in said:
        claims = known.named(network, one.value)
        if claims.keys() <= {one} or not (one.scheme in telling or one.value == called):
            continue
        if owner_of(known, network, one) not in (None, device):
            continue
        for other, claim in claims.items():
            if other.value != one.value and not claim.is_of(device, known.follow):
                owner = known.follow(claim.devices[0])
                yield Conflict(network, Kind.LOOK_ALIKE, one, device_id, owner, other.value)


def nil_values(network: str, said: Sequence[Identifier], device_id: str) -> Iterator[Conflict]:
    """Yield the values that a report gives as identifiers although they name no device."""
    for one in said:
        yield Conflict(network, Kind.NIL_VALUE, one, device_id, device_id)
