"""Enumerations of the contract."""

from enum import Enum
from typing import TypeVar

EnumT = TypeVar("EnumT", bound=Enum)


def enum_of(kind: type[EnumT], value: int) -> EnumT | None:
    """Return the word for ``value``; None for one that a newer register has and this schema has not."""
    try:
        return kind(value)
    except ValueError:
        return None
