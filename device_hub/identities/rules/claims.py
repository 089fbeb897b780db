"""Claims: which identifier belongs to which device, as far as it is known while reports are placed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from device_hub.device.values import Identifier
from device_hub.identities.rules.names import look_of

Follow = Callable[[str], str]
Look = tuple[str, str]
MOST_DEVICES = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """An identifier and its devices. Several devices: a weak name that they share, and that identifies none of them.

    ``pinned``: an operator decided; no other device may share it.
    """

    network: str
    identifier: Identifier
    devices: tuple[str, ...]
    pinned: bool = False

    @property
    def look(self) -> Look:
        return self.network, look_of(self.identifier.value)

    def owner(self, follow: Follow) -> str | None:
        """Return the one device that it identifies; joined devices count as one."""
        owners = {follow(device) for device in self.devices}
        return owners.pop() if len(owners) == 1 else None

    def is_of(self, device_id: str, follow: Follow) -> bool:
        return any(follow(device) == device_id for device in self.devices)


# All claims on identifiers that look alike.
Claims = Mapping[Identifier, Claim]


class Kind(StrEnum):
    """Why an operator should look. Names are those of the contract, without its prefix."""

    # An identifier that a report gives a device belongs to another device.
    CLAIMED_BY_ANOTHER = "CLAIMED_BY_ANOTHER"
    # A device is given another mRID or serial number than it has.
    SECOND_VALUE = "SECOND_VALUE"
    # Two devices whose identifiers differ only in case, leading zeros or dashes.
    LOOK_ALIKE = "LOOK_ALIKE"
    # An event or a reading of one device gives a weak name that belongs to another. Once for each name.
    WEAK_NAME_SHARED = "WEAK_NAME_SHARED"
    # A weak name placed a report that states an mRID or a serial number, which the device does not have.
    PLACED_BY_WEAK_NAME = "PLACED_BY_WEAK_NAME"
    # A source gives a value that names no device as an identifier. Listed once for each value.
    NIL_VALUE = "NIL_VALUE"


_ONCE_FOR_EACH_NAME = frozenset({Kind.WEAK_NAME_SHARED, Kind.NIL_VALUE})


@dataclass(frozen=True, slots=True, eq=False)
class Conflict:
    """``other_value``: how the other device's identifier is written, where it differs.

    Equal conflicts are one on the list: two devices that meet in either order, and a name that many devices are given.
    """

    network: str
    kind: Kind
    identifier: Identifier
    device_id: str
    other_device_id: str
    other_value: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        scheme = "" if self.kind is Kind.LOOK_ALIKE else self.identifier.scheme
        values = sorted([self.identifier.value, self.other_value])
        once = self.kind in _ONCE_FOR_EACH_NAME
        devices = [] if once else sorted([self.device_id, self.other_device_id])
        return (self.kind.value, self.network, scheme, *values, *devices)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Conflict) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class NotAtHand(Exception):
    """What must be known to place a report is not in memory."""


@dataclass(slots=True)
class Known:
    """What is known about the identifiers of some reports: claims by look, and the names of devices.

    ``remembered`` returns the names of a device from memory, or None when they are not in it; without it, all are
    given. ``asked``: the devices whose names were requested.
    """

    follow: Follow
    by_look: dict[Look, Claims] = field(default_factory=dict)
    names: dict[str, set[Identifier]] = field(default_factory=dict)
    remembered: Callable[[str], Iterable[Identifier] | None] | None = None
    asked: set[str] = field(default_factory=set)

    def learn(self, look: Look, claims: Iterable[Claim]) -> None:
        self.by_look[look] = {claim.identifier: claim for claim in claims}

    def named(self, network: str, value: str) -> Claims:
        """Return the claims on identifiers that look like ``value``."""
        return self.by_look.get((network, look_of(value)), {})

    def names_of(self, device_id: str) -> set[Identifier]:
        """Return all names of the device and of those that were joined into it; raises NotAtHand."""
        kept = self.follow(device_id)
        self.asked.add(kept)
        if self.remembered is not None and kept not in self.names:
            found = self.remembered(kept)
            if found is None:
                raise NotAtHand(kept)
            self.names[kept] = set(found)
        return self.names.get(kept, set())

    def note_names(self, claim: Claim) -> None:
        for device in claim.devices:
            self.names.setdefault(self.follow(device), set()).add(claim.identifier)

    def add(self, claim: Claim) -> None:
        # What was there may be the cache's own.
        self.by_look[claim.look] = {
            **self.by_look.get(claim.look, {}),
            claim.identifier: claim,
        }
        self.note_names(claim)

    def share(self, claim: Claim, device_id: str) -> Claim:
        shared = replace(claim, devices=(*claim.devices, device_id))
        self.add(shared)
        return shared


class StoredClaims(Protocol):
    """The claims where all replicas see them."""

    async def find(self, looks: Collection[Look]) -> Mapping[Look, Sequence[Claim]]:
        """Return the claims on identifiers of these looks."""
        ...

    async def of_devices(self, devices: Collection[str]) -> Sequence[Claim]:
        """Return all claims by these devices."""
        ...

    async def make(self, claims: Sequence[Claim]) -> Sequence[Claim]:
        """Store new claims; return those that another process has made meanwhile."""
        ...

    async def withdraw(self, claims: Iterable[Claim]) -> None:
        """Take back claims that this process has just made."""
        ...

    async def share(self, claims: Sequence[Claim]) -> None:
        """Note that the last device of each claim has the name, too."""
        ...


def may_share(claim: Claim, device_id: str, follow: Follow) -> bool:
    """Return whether the device is not yet among the devices that share the name; only a limited number is kept."""
    return len(claim.devices) < MOST_DEVICES and not claim.is_of(device_id, follow)
