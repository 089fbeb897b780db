"""Words of the contract's enums, which begin with the enum's name there, and without it here."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

from service_chassis.refusals import argument_invalid

WordT = TypeVar("WordT", bound=StrEnum)


def read_words(
    enum: Any, numbers: Sequence[int], words: type[WordT], field: str
) -> tuple[WordT, ...]:
    """Return what ``numbers`` of the contract's ``enum`` are called, each once; refuse what is none of ``words``."""
    prefix, known = _prefix(enum), set(enum.values())
    names = [enum.Name(each).removeprefix(prefix) if each in known else "" for each in numbers]
    if not set(names) <= set(words):
        raise argument_invalid(field, "holds one that the contract does not name")
    return tuple(dict.fromkeys(map(words, names)))


def write_word(enum: Any, word: StrEnum) -> Any:
    return enum.Value(_prefix(enum) + word)


def _prefix(enum: Any) -> str:
    return str(enum.Name(0)).removesuffix("UNSPECIFIED")
