"""Devices that the register did not take from the journal: noted for operators, in memory."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from service_status.hop import Hop, HopFacts

# Further ones are not listed one by one; the checker meets them again.
_KEPT_AT_MOST = 1_000
_LONGEST_DETAIL = 200


class RegisterGaps:
    """Devices that smoc_service refuses, or still lacks after a repair; each since it was first met."""

    def __init__(self, hop: Hop, now: Callable[[], datetime]) -> None:
        """``hop`` is that of the checker's rounds."""
        self._hop = hop
        self._now = now
        self._since: dict[str, datetime] = {}
        self._why: dict[str, str] = {}
        self._round = "no round has ended since the start"
        # Since the start.
        self.compared_count = 0
        self.repaired_count = 0

    @property
    def missing_count(self) -> int:
        """How many devices the register does not hold as the journal does; up to 1,000 are known."""
        return len(self._since)

    def refused(self, device_id: str, detail: str) -> None:
        """Note a device that smoc_service refused; it was set aside."""
        self._keep(device_id)
        if device_id in self._since:
            self._why[device_id] = detail[:_LONGEST_DETAIL]

    def compared(self, device_ids: Iterable[str], lacking: Collection[str]) -> None:
        """Note what a comparison found: of ``device_ids`` the register lacks ``lacking``, after a repair."""
        for device_id in device_ids:
            if device_id in lacking:
                self._keep(device_id)
            elif self._since.pop(device_id, None) is not None:
                self._why.pop(device_id, None)

    def round_ended(self, *, compared: int, repaired: int) -> None:
        self._round = f"the last round compared {compared:,} devices and repaired {repaired:,}"
        self.compared_count += compared
        self.repaired_count += repaired
        self._hop.did()

    def troubled(self, why: str, remedy: str = "") -> None:
        self._hop.troubled(why, remedy)

    def facts(self) -> list[HopFacts]:
        facts = replace(self._hop.facts(), detail=self._round)
        if not self._since:
            return [facts]
        first = min(self._since, key=self._since.__getitem__)
        why = self._why.get(first, "the register does not hold it after a repair")
        return [
            replace(
                facts,
                waiting_count=len(self._since),
                waiting_since=self._since[first],
                # A round that found them again was no progress for them.
                last_done_at=None,
                detail=f"{len(self._since):,} devices, first {first}: {why}; {self._round}",
            )
        ]

    def _keep(self, device_id: str) -> None:
        if len(self._since) < _KEPT_AT_MOST:
            self._since.setdefault(device_id, self._now())
