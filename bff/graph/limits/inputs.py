"""Limits of what a request may bring beside its document: keys, items and depth; only values that can be encoded again.

It is checked first: later checks describe each wrong value with everything around it, so their time grows with the
square of the input. The router has the same policy (deploy/router/input.mjs); both are tested with the same cases
(tests/attacks/requests.py).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from bff.failures import Code, Failure, argument_invalid

# What a double can hold: the router reads no larger number.
_MOST_BITS: Final = 1023
_LONGEST_PATH: Final = 200


class InputLimits(Protocol):
    """Settings of this name."""

    most_variable_keys: int
    most_variable_items: int
    most_variable_depth: int


def input_wrong(name: str, given: Mapping[str, Any], limits: InputLimits) -> Failure | None:
    """Return what is wrong with ``given``, which the request calls ``name``; None when nothing is."""
    keys = items = 0
    waiting: list[tuple[Any, str, int]] = [(given, name, 1)]
    while waiting:
        value, path, depth = waiting.pop()
        if not isinstance(value, dict | list):
            detail = _value_wrong(value)
            if detail:
                return argument_invalid(_shown(path), detail)
            continue
        if depth > limits.most_variable_depth:
            return _too_much(name, f"{limits.most_variable_depth} levels")
        # Count them before they are examined.
        keys += len(value) if isinstance(value, dict) else 0
        items += len(value) if isinstance(value, list) else 0
        if keys > limits.most_variable_keys:
            return _too_much(name, f"{limits.most_variable_keys} keys")
        if items > limits.most_variable_items:
            return _too_much(name, f"{limits.most_variable_items} items")
        waiting += ((one, within, depth + 1) for one, within in _members(value, path))
    return None


def _members(value: dict[str, Any] | list[Any], path: str) -> Iterator[tuple[Any, str]]:
    """Yield the values in ``value``, each with its path; a key counts as a value."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield one, f"{path}[{place}]"
        return
    for key, one in value.items():
        yield key, path
        yield one, f"{path}.{key}"


def _value_wrong(value: object) -> str:
    match value:
        case str() if not is_text(value):
            return "holds half of a surrogate pair, which is no text"
        case int() if value.bit_length() > _MOST_BITS:
            return "a number that is too large"
        case float() if not math.isfinite(value):
            return "a number that is too large"
    return ""


def is_text(value: str) -> bool:
    """Say whether ``value`` can be written: a half of a surrogate pair cannot, and JSON can spell one."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_much(name: str, most: str) -> Failure:
    return Failure(Code.TOO_COSTLY, f"{name}: more than {most}", reason="REQUEST_TOO_LARGE")


def _shown(path: str) -> str:
    return path.encode(errors="replace").decode()[:_LONGEST_PATH]
