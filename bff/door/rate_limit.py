"""How often somebody may ask: so many at once, and so many a second in the long run; a table of bounded size.

The generic cell rate algorithm (ITU-T I.371): of each key only one moment is kept, at which all that it has used up
will have come back. A key whose moment is past is the same as one that is not there. No library: `limits` 5.8 bounds
the time for which it keeps a key in memory, not how many keys it keeps.
"""

import math
from collections import OrderedDict


class RateLimit:
    """``per_second`` in the long run, ``burst`` at once, for each of ``keys_at_most`` keys.

    The longest silent key goes first. Who goes while it still counts may ask again at once; that takes so many other
    keys within ``burst / per_second`` seconds.
    """

    def __init__(self, *, per_second: float, burst: int, keys_at_most: int) -> None:
        self._interval = 1 / per_second
        self._tolerance = self._interval * (burst - 1)
        self._keys_at_most = keys_at_most
        self._even_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._even_at)

    def wait_seconds(self, key: str, at: float) -> int:
        """Count one request of ``key`` at the moment ``at``.

        Return 0, or after how many whole seconds it may ask again; a request that has to wait is not counted.
        """
        even_at = max(self._even_at.get(key, at), at)
        wait = even_at - self._tolerance - at
        if wait > 0:
            return math.ceil(wait)
        self._even_at[key] = even_at + self._interval
        self._even_at.move_to_end(key)
        while len(self._even_at) > self._keys_at_most:
            self._even_at.popitem(last=False)
        return 0
