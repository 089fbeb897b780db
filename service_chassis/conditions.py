"""Conditions of a list, as the contract bounds them."""

from collections.abc import Sequence
from typing import Final

from service_chassis.refusals import argument_invalid

_VALUES_AT_MOST: Final = 50
_TEXT_LENGTH: Final = 256


def read_values(values: Sequence[str], field: str) -> tuple[str, ...]:
    """Return the values of a condition, each once; refuse too many, and those that are empty or too long."""
    if len(values) > _VALUES_AT_MOST:
        raise argument_invalid(field, f"more than {_VALUES_AT_MOST} values")
    for index, value in enumerate(values):
        if not value or len(value) > _TEXT_LENGTH:
            raise argument_invalid(
                f"{field}[{index}]", f"empty, or longer than {_TEXT_LENGTH} characters"
            )
    return tuple(dict.fromkeys(values))
