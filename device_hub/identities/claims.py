"""Claims: which identifier belongs to which device, as far as it is known while reports are placed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from device_hub.device.values import Identifier
from device_hub.identities.names import STRONG, look_of

Follow = Callable[[str], str]
Look = tuple[str, str]
MOST_DEVICES = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """An identifier and whose it is. Several devices: a weak name that they share, and that tells none of them.

    ``pinned``: a person decided; nobody else may share it.
    """

    network: str
    identifier: Identifier
    devices: tuple[str, ...]
    pinned: bool = False

    @property
    def look(self) -> Look:
        return self.network, look_of(self.identifier.value)

    def owner(self, follow: Follow) -> str | None:
        """Return the one device that it tells; devices that were joined are one."""
        owners = {follow(device) for device in self.devices}
        return owners.pop() if len(owners) == 1 else None

    def is_of(self, device_id: str, follow: Follow) -> bool:
        return any(follow(device) == device_id for device in self.devices)


# All claims on identifiers that look alike.
Claims = Mapping[Identifier, Claim]


class Kind(StrEnum):
    """Why a person should look. Names are those of the contract, without its prefix."""

    # An identifier that a report gives a device belongs to another device.
    CLAIMED_BY_ANOTHER = "CLAIMED_BY_ANOTHER"
    # A device is given another mRID or serial number than it has.
    SECOND_VALUE = "SECOND_VALUE"
    # Two devices whose identifiers differ only in case, leading zeros or dashes.
    LOOK_ALIKE = "LOOK_ALIKE"


@dataclass(frozen=True, slots=True)
class Conflict:
    """``other_value``: how the other device's identifier is written, where it differs."""

    network: str
    kind: Kind
    identifier: Identifier
    device_id: str
    other_device_id: str
    other_value: str = ""


@dataclass(slots=True)
class Known:
    """What is known of the identifiers of some reports: claims by look, and the strong identifiers of devices."""

    follow: Follow
    by_look: dict[Look, dict[Identifier, Claim]] = field(default_factory=dict)
    strong: dict[str, set[Identifier]] = field(default_factory=dict)

    def learn(self, look: Look, claims: Iterable[Claim]) -> None:
        self.by_look[look] = {claim.identifier: claim for claim in claims}

    def named(self, network: str, value: str) -> Claims:
        """Return the claims on identifiers that look like ``value``."""
        return self.by_look.get((network, look_of(value)), {})

    def strong_of(self, device_id: str) -> set[Identifier]:
        return self.strong.get(self.follow(device_id), set())

    def note_strong(self, claim: Claim) -> None:
        for device in claim.devices:
            self.strong.setdefault(self.follow(device), set()).add(claim.identifier)

    def add(self, claim: Claim) -> None:
        self.by_look.setdefault(claim.look, {})[claim.identifier] = claim
        if claim.identifier.scheme in STRONG:
            self.note_strong(claim)

    def share(self, claim: Claim, device_id: str) -> Claim:
        shared = replace(claim, devices=(*claim.devices, device_id))
        self.add(shared)
        return shared


def may_share(claim: Claim, device_id: str, follow: Follow) -> bool:
    """Whether the device is not yet among those that share the name, of whom so many are kept."""
    return len(claim.devices) < MOST_DEVICES and not claim.is_of(device_id, follow)
