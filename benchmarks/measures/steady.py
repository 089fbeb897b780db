"""A warm-up that ends when the rate does not change any more."""

import statistics
from collections.abc import Awaitable, Callable
from typing import Final

from benchmarks.measures.measured import Round

_LOOKED_AT: Final = 3
_STEADY: Final = 0.10


async def until_steady(piece: Callable[[], Awaitable[Round]], most: int) -> list[float]:
    """Repeat ``piece`` until its last three rates are within a tenth of their median, ``most`` times at most.

    Returns the rates of all of them. The last ones are steady unless there are ``most``.
    """
    rates: list[float] = []
    while len(rates) < most and not is_steady(rates):
        rates.append((await piece()).rate)
    return rates


def is_steady(rates: list[float]) -> bool:
    """Whether the last three are within a tenth of their median."""
    last = rates[-_LOOKED_AT:]
    if len(last) < _LOOKED_AT:
        return False
    middle = statistics.median(last)
    return all(abs(rate - middle) <= _STEADY * middle for rate in last)
