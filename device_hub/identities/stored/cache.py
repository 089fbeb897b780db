"""What is known about identifiers without a query: the claims of the looks that were requested last.

It also keeps that a name has no claim: otherwise an event's second name would cost a query each time. So it must learn
what other replicas claim: the cache keeps nothing while the claims are not watched (`watching`).
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Claims, Look

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Cache:
    """``most``: looks that are kept, some 800 bytes each; the least recently used goes first.

    And of as many devices all names, as far as they were asked for: a report that contradicts what its device is
    called, or that only another name places, asks each time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._claims: OrderedDict[Look, Claims] = OrderedDict()
        self._names: OrderedDict[str, frozenset[Identifier]] = OrderedDict()
        self._trusted = False
        self.forgotten = 0

    def get(self, look: Look) -> Claims | None:
        """Return the claims of a look, or None when they are not known here."""
        claims = self._claims.get(look)
        if claims is not None:
            self._claims.move_to_end(look)
        return claims

    def names_of(self, device_id: str) -> frozenset[Identifier] | None:
        """Return all names of the device, and of those joined into it, or None when they are not known here."""
        names = self._names.get(device_id)
        if names is not None:
            self._names.move_to_end(device_id)
        return names

    def put(self, look: Look, claims: Claims, *, forgotten: int) -> None:
        """Keep what was read when ``forgotten`` was so many; what changed since then is not kept."""
        if self._trusted and forgotten == self.forgotten:
            _keep(self._claims, look, claims, self._most)

    def put_names(self, device_id: str, names: frozenset[Identifier], *, forgotten: int) -> None:
        """Keep the names of a device, as ``put`` keeps claims."""
        if self._trusted and forgotten == self.forgotten:
            _keep(self._names, device_id, names, self._most)

    def forget(self, look: Look) -> None:
        self.forgotten += 1
        self._claims.pop(look, None)

    def forget_names(self, devices: Iterable[str] | None) -> None:
        """Forget the names of these devices, or of all."""
        self.forgotten += 1
        if devices is None:
            self._names.clear()
            return
        for device_id in devices:
            self._names.pop(device_id, None)

    def trust(self, *, watched: bool) -> None:
        """Begin again: from now on changes are heard, or are not."""
        self.forgotten += 1
        self._claims.clear()
        self._names.clear()
        self._trusted = watched

    def __len__(self) -> int:
        return len(self._claims)


def _keep(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
