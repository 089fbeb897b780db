"""A request as it was sent, over HTTP or a websocket: JSON in UTF-8, of the shape that GraphQL over HTTP knows."""

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

from bff.graph.limits.inputs import is_text

_TEXTS: Final = ("query", "operationName", "documentId")
_OBJECTS: Final = ("variables", "extensions")


class RequestWrong(Exception):
    """The body is not a request; the error's text says what is wrong with it."""


def read_json(sent: str | bytes) -> Any:
    """Return the value in ``sent``; raise RequestWrong when it is not JSON (RFC 8259)."""
    try:
        text = sent if isinstance(sent, str) else sent.decode()
        return json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise RequestWrong("the body is not JSON: it is not in UTF-8") from None
    except (ValueError, RecursionError):
        raise RequestWrong("the body is not JSON") from None


def check_request(asked: Any, named: Callable[[str], str] = str) -> None:
    """Raise RequestWrong unless this is an object whose members have their types.

    ``named`` says how a member is called.
    """
    if not isinstance(asked, dict):
        raise RequestWrong("the body must be an object")
    for name in _TEXTS:
        given = asked.get(name)
        if given is None:
            continue
        if not isinstance(given, str):
            raise RequestWrong(f"{named(name)} must be a text")
        if not is_text(given):
            raise RequestWrong(f"{named(name)} holds half of a surrogate pair, which is no text")
    for name in _OBJECTS:
        if not isinstance(asked.get(name), dict | None):
            raise RequestWrong(f"{named(name)} must be an object")


def _no_number(constant: str) -> NoReturn:
    # Python writes and reads NaN and Infinity, JSON has neither.
    raise ValueError(constant)
