"""Which device a report is about, and what it teaches. Pure: claims come in, claims and conflicts go out.

A report finds its device by the first of these that holds:

    1. the chosen identifier (by the source's setting) is claimed: exactly so; or a device was called so from its first
       report on; or it is claimed without a scheme, or asked for without one, and one device alone has it
    2. another identifier of the report is claimed, strong ones (mRID, serial number) first, by a device that has no
       other identifier of a telling kind that the report states
    3. else it is a new device, whose id is the chosen identifier

*Telling* kinds tell one device, and a device has one of each: the strong ones, the kind of the chosen identifier, and
those that the source's setting names. All other names are weak, they may be another meter's as well. So a weak name
places a report only when nothing speaks against it: the report states no identifier of a telling kind; or it teaches,
and the device has none of a telling kind yet.

So it does not matter what came first: an event by mRID makes the device, and the configuration with mRID and serial
number finds it and teaches it the serial number. Two devices that exist are never merged here: whatever contradicts
goes to a person's list, once (`doubts`).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Claim, Conflict, Kind, Known, may_share
from device_hub.identities.rules.doubts import doubts_about_names, look_alikes, placed_by_weak_name
from device_hub.identities.rules.names import STRONG, UNKNOWN, device_of, strong_first
from device_hub.identities.rules.owners import is_told, owner_of, owner_of_chosen, second_value


@dataclass(slots=True)
class Placed:
    """Where a report belongs. ``learned``: names that its device has; ``made`` and ``shared``: claims to be stored."""

    device_id: str
    learned: list[Identifier] = field(default_factory=list)
    made: list[Claim] = field(default_factory=list)
    shared: list[Claim] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def place(
    known: Known,
    network: str,
    said: Sequence[Identifier],
    *,
    teaches: bool,
    telling: AbstractSet[str] = STRONG,
    device_id: str = "",
) -> Placed:
    """Place a report that calls its device ``said``, the chosen identifier first; ``known`` is kept up to date.

    ``telling``: the kinds (schemes) that tell one device, by the source's setting. ``device_id``: it is this device,
    whatever it is called (when claims are made again from the journal). Raises NotAtHand, as ``known`` does.
    """
    chosen = said[0]
    if not device_id:
        telling = telling | ({chosen.scheme} - {UNKNOWN})
    found = (
        device_id
        or owner_of_chosen(known, network, chosen)
        or _by_another(known, network, said, telling, teaches=teaches)
    )
    placed = Placed(device_id=found or device_of(network, chosen.value))
    if device_id:
        _claim_as_own(known, network, chosen, placed)
    elif found is None:
        _claim(known, network, chosen, placed)
    if not device_id:
        placed.conflicts += placed_by_weak_name(
            known, network, said, telling, placed.device_id, teaches=teaches
        )
    doubtful = {conflict.identifier for conflict in placed.conflicts}
    if teaches:
        for one in said:
            if one == chosen or one not in doubtful:
                _teach(known, network, one, placed, telling)
    else:
        placed.conflicts += doubts_about_names(known, network, said, telling, placed.device_id)
    placed.conflicts += look_alikes(known, network, said, telling, placed.device_id)
    return placed


def _by_another(
    known: Known,
    network: str,
    said: Sequence[Identifier],
    telling: AbstractSet[str],
    *,
    teaches: bool,
) -> str | None:
    says_who = any(one.scheme in telling for one in said)
    for one in strong_first(said):
        owner = owner_of(known, network, one)
        if owner is None or any(second_value(known, owner, each, telling) for each in said):
            continue
        if one.scheme in telling or not says_who:
            return owner
        if teaches and not is_told(known, owner, telling):
            return owner
    return None


def _teach(
    known: Known, network: str, one: Identifier, placed: Placed, telling: AbstractSet[str]
) -> None:
    device_id = known.follow(placed.device_id)
    claims = known.named(network, one.value)
    exact = claims.get(one)
    if exact is not None:
        _compare(known, exact, placed)
        return
    owner = owner_of(known, network, one)
    if owner is not None and owner != device_id:
        _conflict(placed, Kind.CLAIMED_BY_ANOTHER, network, one, owner)
        return
    other = second_value(known, device_id, one, telling)
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
        _conflict(placed, Kind.CLAIMED_BY_ANOTHER, exact.network, exact.identifier, owner)
    elif exact.is_of(known.follow(placed.device_id), known.follow):
        # On the list since a second one had it, unless the list was full then.
        first, second = exact.devices[:2]
        placed.conflicts.append(
            Conflict(exact.network, Kind.CLAIMED_BY_ANOTHER, exact.identifier, second, first)
        )
    weak = exact.identifier.scheme not in STRONG and not exact.pinned
    if weak and may_share(exact, known.follow(placed.device_id), known.follow):
        placed.shared.append(known.share(exact, placed.device_id))


def _claim(known: Known, network: str, one: Identifier, placed: Placed) -> None:
    claim = Claim(network, one, (placed.device_id,))
    known.add(claim)
    placed.made.append(claim)


def _claim_as_own(known: Known, network: str, chosen: Identifier, placed: Placed) -> None:
    """The name of a device's first report is its own, even if a claim gives it to another device."""
    claims = known.named(network, chosen.value)
    for other, claim in list(claims.items()):
        owner = claim.owner(known.follow)
        ours = known.follow(placed.device_id)
        if other.value == chosen.value and owner not in (None, ours):
            _conflict(placed, Kind.CLAIMED_BY_ANOTHER, network, other, str(owner))
    if chosen not in claims:
        _claim(known, network, chosen, placed)


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
