"""What is known of identifiers without a query: the claims of the looks that were asked for last.

Also that nobody has claimed a name is worth knowing: an event's second name would cost a query each time. So what other
replicas claim must be heard: the cache keeps nothing while nobody watches the claims (`watching`).
"""

from collections import OrderedDict

from device_hub.identities.claims import Claims, Look


class Cache:
    """``most``: looks that are kept, some 800 bytes each; who was not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._claims: OrderedDict[Look, Claims] = OrderedDict()
        self._trusted = False
        self.forgotten = 0

    def get(self, look: Look) -> Claims | None:
        """Return the claims of a look, or None when they are not known here."""
        claims = self._claims.get(look)
        if claims is not None:
            self._claims.move_to_end(look)
        return claims

    def put(self, look: Look, claims: Claims, *, forgotten: int) -> None:
        """Keep what was read when ``forgotten`` was so many; what changed since then is not kept."""
        if not self._trusted or forgotten != self.forgotten:
            return
        self._claims[look] = claims
        self._claims.move_to_end(look)
        if len(self._claims) > self._most:
            self._claims.popitem(last=False)

    def forget(self, look: Look) -> None:
        self.forgotten += 1
        self._claims.pop(look, None)

    def trust(self, *, watched: bool) -> None:
        """Begin anew: from now on changes are heard, or are not."""
        self.forgotten += 1
        self._claims.clear()
        self._trusted = watched

    def __len__(self) -> int:
        return len(self._claims)
