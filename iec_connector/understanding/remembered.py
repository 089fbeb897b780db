"""Remembers what follows from a text that is the same in all messages: a tag, a noun, the type of a name.

Bounded both ways: a sender that invents texts, or sends giant ones, must not grow the memory.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MOST_REMEMBERED = 4_096
LONGEST_REMEMBERED = 300


def remembered(function: Callable[[str], T]) -> Callable[[str], T]:
    """``function``, which depends on nothing but its text, with a memory for short texts."""
    known = lru_cache(maxsize=MOST_REMEMBERED)(function)

    def answer(text: str) -> T:
        return known(text) if len(text) <= LONGEST_REMEMBERED else function(text)

    answer.__doc__ = function.__doc__
    return answer
