"""Which device a report is about, and what it teaches. Pure: claims come in, claims and conflicts go out.

A report finds its device by the first of these that holds:

    1. the chosen identifier (by the source's setting) is claimed: exactly so; or a device was called so from its first
       report on; or it is claimed without a scheme, or asked for without one, and one device alone has it
    2. another identifier of the report is claimed, strong ones (mRID, serial number) first, by a device that has no
       other strong identifier of a kind that the report states
    3. else it is a new device, whose id is the chosen identifier

So it does not matter what came first: an event by mRID makes the device, and the configuration with mRID and serial
number finds it and teaches it the serial number. Two devices that exist are never merged here: whatever
contradicts goes to a person's list, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from device_hub.device.values import Identifier
from device_hub.identities.claims import Claim, Claims, Conflict, Follow, Kind, Known, may_share
from device_hub.identities.names import STRONG, UNKNOWN, device_of, strong_first


@dataclass(slots=True)
class Placed:
    """Where a report belongs. ``learned``: names that its device has; ``made`` and ``shared``: claims to be stored."""

    device_id: str
    learned: list[Identifier] = field(default_factory=list)
    made: list[Claim] = field(default_factory=list)
    shared: list[Claim] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def place(
    known: Known, network: str, said: Sequence[Identifier], *, teaches: bool, device_id: str = ""
) -> Placed:
    """Place a report that calls its device ``said``, the chosen identifier first; ``known`` is kept up to date.

    ``device_id``: it is this device, whatever it is called (when claims are made anew from the journal).
    """
    chosen = said[0]
    found = (
        device_id or owner_of_chosen(known, network, chosen) or _by_another(known, network, said)
    )
    placed = Placed(device_id=found or device_of(network, chosen.value))
    if device_id:
        _claim_as_own(known, network, chosen, placed)
    elif found is None:
        _claim(known, network, chosen, placed)
    for one in said if teaches else ():
        _teach(known, network, one, placed)
    if not teaches:
        _contradicted_by_others(known, network, said, placed)
    return placed


def owner_of_chosen(known: Known, network: str, chosen: Identifier) -> str | None:
    """Return the device that the chosen identifier alone tells, or None."""
    return owner_among(known.named(network, chosen.value), network, chosen, known.follow)


def owner_among(claims: Claims, network: str, chosen: Identifier, follow: Follow) -> str | None:
    """Return the device that the chosen identifier alone tells among all claims that look like it, or None."""
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
        # A device was called so from the start; or the name is shared, and tells none of those that share it.
        return follow(own)
    return _whatever_scheme(claims, chosen, follow)


def _by_another(known: Known, network: str, said: Sequence[Identifier]) -> str | None:
    for one in strong_first(said):
        owner = _owner(known, network, one)
        if owner is not None and not _contradicts(known, owner, said):
            return owner
    return None


def _owner(known: Known, network: str, one: Identifier) -> str | None:
    claims = known.named(network, one.value)
    exact = claims.get(one)
    if exact is not None:
        return exact.owner(known.follow)
    return _whatever_scheme(claims, one, known.follow)


def _whatever_scheme(claims: Claims, one: Identifier, follow: Follow) -> str | None:
    """Where one of both sides does not say the scheme, the value must tell one device alone."""
    owners = {
        claim.owner(follow)
        for other, claim in claims.items()
        if other.value == one.value and UNKNOWN in (one.scheme, other.scheme)
    }
    return owners.pop() if len(owners) == 1 else None


def _contradicts(known: Known, device_id: str, said: Sequence[Identifier]) -> bool:
    return any(_second_value(known, device_id, one) for one in said)


def _second_value(known: Known, device_id: str, one: Identifier) -> Identifier | None:
    """Return the strong identifier that the device has and that ``one`` would be a second of."""
    if one.scheme not in STRONG:
        return None
    of_kind = {has for has in known.strong_of(device_id) if has.scheme == one.scheme}
    return min(of_kind) if of_kind and one not in of_kind else None


def _teach(known: Known, network: str, one: Identifier, placed: Placed) -> None:
    device_id = known.follow(placed.device_id)
    claims = known.named(network, one.value)
    exact = claims.get(one)
    if exact is not None:
        _compare(known, exact, placed)
        return
    owner = _whatever_scheme(claims, one, known.follow)
    if owner is not None and owner != device_id:
        _conflict(placed, Kind.CLAIMED_BY_ANOTHER, network, one, owner)
        return
    other = _second_value(known, device_id, one)
    if other is not None:
        _conflict(placed, Kind.SECOND_VALUE, network, one, device_id, other.value)
        return
    _claim(known, network, one, placed)
    placed.learned.append(one)


def _compare(known: Known, exact: Claim, placed: Placed) -> None:
    owner = exact.owner(known.follow)
    if owner == known.follow(placed.device_id):
        placed.learned.append(exact.identifier)
        return
    if owner is not None:
        # A name that is shared already is on the list since two had it.
        _conflict(placed, Kind.CLAIMED_BY_ANOTHER, exact.network, exact.identifier, owner)
    weak = exact.identifier.scheme not in STRONG and not exact.pinned
    if weak and may_share(exact, known.follow(placed.device_id), known.follow):
        placed.shared.append(known.share(exact, placed.device_id))


def _claim(known: Known, network: str, one: Identifier, placed: Placed) -> None:
    device_id = placed.device_id
    for other, claim in known.named(network, one.value).items():
        telling = one.scheme in STRONG or one.value == device_id.partition("/")[2]
        if (
            telling
            and other.value != one.value
            and not claim.is_of(known.follow(device_id), known.follow)
        ):
            owner = known.follow(claim.devices[0])
            _conflict(placed, Kind.LOOK_ALIKE, network, one, owner, other.value)
    claim = Claim(network, one, (device_id,))
    known.add(claim)
    placed.made.append(claim)


def _claim_as_own(known: Known, network: str, chosen: Identifier, placed: Placed) -> None:
    """The name that a device has from its first report on is its own, whoever else is said to have it."""
    claims = known.named(network, chosen.value)
    for other, claim in list(claims.items()):
        owner = claim.owner(known.follow)
        ours = known.follow(placed.device_id)
        if other.value == chosen.value and owner not in (None, ours):
            _conflict(placed, Kind.CLAIMED_BY_ANOTHER, network, other, str(owner))
    if chosen not in claims:
        _claim(known, network, chosen, placed)


def _contradicted_by_others(
    known: Known, network: str, said: Sequence[Identifier], placed: Placed
) -> None:
    """An event teaches nothing, but when its names belong to two devices a person should know."""
    for one in said[1:]:
        exact = known.named(network, one.value).get(one)
        owner = exact.owner(known.follow) if exact is not None else None
        if owner is not None and owner != placed.device_id and one.scheme in STRONG:
            _conflict(placed, Kind.CLAIMED_BY_ANOTHER, network, one, owner)


def _conflict(  # noqa: PLR0917 - the fields of a conflict
    placed: Placed,
    kind: Kind,
    network: str,
    one: Identifier,
    other_device_id: str,
    other_value: str = "",
) -> None:
    placed.conflicts.append(
        Conflict(network, kind, one, placed.device_id, other_device_id, other_value)
    )
