"""How much is measured of several hubs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSizes:
    hubs: tuple[int, ...] = (1, 2, 4)
    devices: int = 500
    rounds: int = 3
    # Of one round.
    reports: int = 3000
    # As the connector sends by default.
    batch: int = 500
    batches_in_flight: int = 4


STANDARD = HubSizes()
QUICK = HubSizes(hubs=(1, 2), devices=300, rounds=1, reports=1500)
