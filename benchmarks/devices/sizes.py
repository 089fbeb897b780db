"""How much is measured of many devices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSizes:
    devices: int = 100_000
    # Of a small park, which the large one is compared with.
    few: int = 10_000
    rounds: int = 3
    # Reports of one round, and in a call, and calls under way.
    reports: int = 10_000
    batch: int = 500
    in_flight: int = 4
    # Cold devices, called one after the other.
    cold: int = 1_000
    # Commits of the device with a long history, and how often it is woken: each time by a hub that was just started.
    long_history: int = 60_000
    wakings: int = 5

    @classmethod
    def of(cls, devices: int) -> "DeviceSizes":
        """Return the standard sizes, and less of everything for fewer devices."""
        if devices >= STANDARD.devices:
            return cls(devices=devices)
        few = devices // 10
        return cls(
            devices=devices, few=few, reports=few, cold=few, long_history=devices // 2, wakings=2
        )


STANDARD = DeviceSizes()
