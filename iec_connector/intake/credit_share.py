"""How much of a subscription's credit one device may hold.

A device that the hub cannot serve now would fill the credit with its messages, and no other message would come. So a
message of a device beyond its share is set aside: it stays unsettled, and does not count. How many may be set aside is
bounded; after that the broker waits, as it does for a full credit (docs/decisions/0031).
"""

from collections.abc import Collection


class CreditShare:
    """Counts the unsettled messages of each device of one subscription."""

    def __init__(self, credit: int) -> None:
        self.share = max(1, credit // 10)
        self.most_aside = 4 * credit
        self._aside = 0
        self._by_device: dict[str, int] = {}

    def enter(self, devices: Collection[str]) -> bool:
        """Count a message that speaks of ``devices``; return whether it is set aside."""
        within = True
        for device in devices:
            count = self._by_device.get(device, 0) + 1
            self._by_device[device] = count
            within = within and count <= self.share
        if within or self._aside == self.most_aside:
            return False
        self._aside += 1
        return True

    def leave(self, devices: Collection[str], *, aside: bool) -> None:
        """The message is settled, or dropped; ``aside`` is what `enter` said."""
        self._aside -= aside
        for device in devices:
            count = self._by_device[device] - 1
            if count:
                self._by_device[device] = count
            else:
                del self._by_device[device]
