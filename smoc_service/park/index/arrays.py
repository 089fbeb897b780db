"""Arrays that grow, and the words that the columns share."""

from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

# Places of devices in the columns, rising unless said otherwise.
Ordinals: TypeAlias = npt.NDArray[np.intp]
Mask: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[Any]

AnyT = TypeVar("AnyT", bound=np.generic)

_ROOM_AT_FIRST: Final = 1024


def with_room(array: npt.NDArray[AnyT], needed: int, fill: int = 0) -> npt.NDArray[AnyT]:
    """Return ``array``, or a longer copy of it, with at least ``needed`` places along its first axis."""
    room = array.shape[0]
    if needed <= room:
        return array
    longer = np.full(
        (max(needed, room + room // 4, _ROOM_AT_FIRST), *array.shape[1:]), fill, dtype=array.dtype
    )
    longer[:room] = array
    return longer
