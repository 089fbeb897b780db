"""A device as it is remembered: what was reported, and what the newest report was, aspect by aspect.

One shape. A device of which nothing was ever reported is `INITIAL`. Two aspects that people see are
not here, because they follow from these: lifecycle (`lifecycle.lifecycle_of`) and power
(`power.power_of`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from contract_limits import IDENTIFIERS_PER_DEVICE, JOINED_PER_DEVICE
from device_hub.device.plan import Plan
from device_hub.device.values import (
    Communication,
    Facet,
    Fault,
    Firmware,
    Identifier,
    Lifecycle,
    Phase,
    Power,
    Switch,
    Tamper,
)

# How many fingerprints of events a device remembers, to know the same event when it comes again.
WINDOW: Final = 32
MOST_IDENTIFIERS: Final = IDENTIFIERS_PER_DEVICE
MOST_PARTS: Final = JOINED_PER_DEVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """All times are UTC in whole milliseconds.

    ``first_seen_at`` is a time of receipt. ``last_contact_at`` is when the head-end system reported a contact: the
    receipt, unless the message had waited (a meter's clock may be wrong, and silence means that the hub hears nothing).
    ``spoke_at`` is the newest time of occurrence at which the device spoke and therefore had power. ``registered_at``
    is the oldest time for which a source registered it; ``shipped_at`` is set when that source was a shipment file.
    ``shipped`` names the attributes that only shipment files stated.
    """

    network: str = ""
    identifier: str = ""
    first_seen_at: datetime | None = None
    last_contact_at: datetime | None = None
    spoke_at: datetime | None = None
    registered_at: datetime | None = None
    shipped_at: datetime | None = None

    stage: Facet[Lifecycle] = field(default=Facet(Lifecycle.NOT_DEFINED))
    supply: Facet[Power] = field(default=Facet(Power.UNKNOWN))
    phases: Mapping[str, Facet[Phase]] = field(default_factory=dict)
    switch: Facet[Switch] = field(default=Facet(Switch.UNKNOWN))
    communication: Facet[Communication] = field(default=Facet(Communication.UNKNOWN))
    tamper: Facet[Tamper] = field(default=Facet(Tamper.UNKNOWN))
    firmware: Facet[Firmware] = field(default=Facet(Firmware.UNKNOWN))
    fault: Facet[Fault] = field(default=Facet(Fault.UNKNOWN))

    attributes: Mapping[str, str] = field(default_factory=dict)
    attributes_as_of: Mapping[str, datetime] = field(default_factory=dict)
    shipped: frozenset[str] = frozenset()
    # All names that are this device's alone, as far as they were learned; at most MOST_IDENTIFIERS.
    identifiers: frozenset[Identifier] = frozenset()

    # Soonest first, at most PLANS_PER_DEVICE.
    plans: tuple[Plan, ...] = ()

    # Oldest first, at most WINDOW.
    recent: tuple[int, ...] = ()

    # Which device takes this one's reports, since they were joined (`joins`).
    joined_into: str = ""
    joined_at: datetime | None = None
    # What devices were that were joined into this one, by id; at most MOST_PARTS. And what this one is without them.
    parts: Mapping[str, "Device"] = field(default_factory=dict)
    own: "Device | None" = None

    @property
    def is_known(self) -> bool:
        return self.first_seen_at is not None


INITIAL: Final = Device()
