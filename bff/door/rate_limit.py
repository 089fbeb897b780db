"""How often a caller may send requests: a burst at once, and a rate in the long run; a table of bounded size.

The generic cell rate algorithm (ITU-T I.371): it keeps one moment per key, at which the key's whole burst is available
again. A key whose moment is past is the same as an absent one. No library: `limits` 5.8 bounds how long it keeps a key
in memory, not how many keys it keeps.
"""

import math
from collections import OrderedDict


class RateLimit:
    """Allows ``per_second`` requests in the long run, ``burst`` at once, for each of ``keys_at_most`` keys.

    The key that was silent longest is dropped first. A key that is dropped while it still counts may send requests
    again at once; that takes ``keys_at_most`` other keys within ``burst / per_second`` seconds.
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
