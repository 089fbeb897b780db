"""Which devices were joined into which: small, made by people, and wholly in memory."""

from collections.abc import Collection, Mapping


class Joined:
    """Follows a device to the one that it was joined into. No device is joined twice, so one step is enough."""

    def __init__(self) -> None:
        self._into: dict[str, str] = {}
        self._parts: dict[str, set[str]] = {}

    def follow(self, device_id: str) -> str:
        """Return the device that reports about this one go to: itself, unless it was joined into another."""
        return self._into.get(device_id, device_id)

    def replace(self, into: Mapping[str, str]) -> None:
        """Replace all joins by these."""
        self._into = dict(into)
        self._parts = {}
        for joined, kept in into.items():
            self._parts.setdefault(kept, set()).add(joined)

    def note(self, joined: str, into: str) -> None:
        self.replace({**self._into, joined: into})

    def forget(self, joined: str) -> None:
        self.replace({part: kept for part, kept in self._into.items() if part != joined})

    def with_their_parts(self, device_ids: Collection[str]) -> set[str]:
        """Return the devices, those that they were joined into, and those that were joined into these."""
        kept = {self.follow(device_id) for device_id in device_ids}
        return {*device_ids, *kept, *(part for one in kept for part in self._parts.get(one, ()))}
