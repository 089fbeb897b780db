"""A column of whole numbers, for callers that compute with them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smoc_service.park.index.arrays import Ordinals, with_room


class WholeNumbers:
    """64 bits with a sign; 0 until set."""

    def __init__(self) -> None:
        self._column = np.zeros(0, np.int64)

    def put(self, ordinals: Ordinals, numbers: Sequence[int]) -> None:
        self._column = with_room(self._column, int(ordinals.max()) + 1)
        self._column[ordinals] = np.array(numbers, dtype=np.int64)

    def column(self, count: int) -> npt.NDArray[np.int64]:
        """Return the number of each of the first ``count`` devices."""
        return self._column[:count]
