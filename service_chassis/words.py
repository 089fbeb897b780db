"""Words of the contract's enums. In the contract they begin with the enum's name, here they do not.

A newer sender may know more words than this service. An unknown word is refused, not guessed.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from service_chassis.refusals import argument_invalid

WordT = TypeVar("WordT", bound=StrEnum)


def read_words(
    enum: Any, numbers: Sequence[int], words: type[WordT], field: str
) -> tuple[WordT, ...]:
    """Return the words for ``numbers`` of the contract's ``enum``, each once; refuse one that is not in ``words``."""
    prefix, known = _prefix(enum), set(enum.values())
    names = [enum.Name(each).removeprefix(prefix) if each in known else "" for each in numbers]
    if not set(names) <= set(words):
        raise argument_invalid(field, "holds a value that the contract does not name")
    return tuple(dict.fromkeys(map(words, names)))


def read_word(enum: Any, number: int, words: Collection[str], field: str) -> str | None:
    """Return the word for ``number`` of the contract's ``enum``, None for unspecified; refuse an unknown number."""
    name = enum.Name(number).removeprefix(_prefix(enum)) if number in enum.values() else ""
    if number and name not in words:
        raise argument_invalid(field, f"{number} is not known here")
    return name if number else None


def write_word(enum: Any, word: str) -> Any:
    return enum.Value(_prefix(enum) + word)


def _prefix(enum: Any) -> str:
    return str(enum.Name(0)).removesuffix("UNSPECIFIED")
