"""The order of listed devices: sort keys as columns of numbers, and a cursor for the end of a page.

A cursor holds the last device's values, as words and not as ranks: it stays valid when other words come and go, and in
another process. Absent values come last, in both directions. The device id decides between equals.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from smoc_service.json_text import read_json
from smoc_service.park.index import moments, packed
from smoc_service.park.index.arrays import Numbers, Ordinals
from smoc_service.park.index.columns import DEVICE_ID, Columns, identifier_of
from smoc_service.park.index.counting import NETWORK


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """``name`` is that of a category, a moment, a key, or "device_id"."""

    name: str
    descending: bool = False


class CursorInvalid(Exception):
    """The text is no cursor that was made for this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One column of numbers to sort by, and where in it the last page ended."""

    values: Callable[[Ordinals], Numbers]
    bound: int = 0


def levels(columns: Columns, order: Sequence[SortKey], cursor: Sequence[Any] = ()) -> list[Level]:
    """Return the columns to sort by, the most important first; bounds are those of ``cursor``, if there is one."""
    given = list(cursor) if cursor else [None] * len(order)
    return [
        level
        for key, value in zip(order, given, strict=True)
        for level in _levels(columns, key, value)
    ]


def cursor_at(columns: Columns, order: Sequence[SortKey], ordinal: int) -> str:
    """Return the cursor of a page that ends with this device."""
    values = [_value(columns, key, ordinal) for key in order]
    return json.dumps([*values, columns.ids[ordinal]], ensure_ascii=True)


def read_cursor(columns: Columns, order: Sequence[SortKey], text: str) -> tuple[list[Any], str]:
    """Return the values and the device id that a cursor holds; raise ``CursorInvalid``."""
    try:
        found = read_json(text)
    except ValueError:
        raise CursorInvalid(text[:100]) from None
    if not isinstance(found, list) or len(found) != len(order) + 1:
        raise CursorInvalid(text[:100])
    *values, device_id = found
    fits = isinstance(device_id, str) and all(
        _is_value(columns, key, value) for key, value in zip(order, values, strict=True)
    )
    if not fits:
        raise CursorInvalid(text[:100])
    return values, device_id


def _levels(columns: Columns, key: SortKey, value: Any) -> Iterator[Level]:
    down, name = key.descending, key.name
    if name == DEVICE_ID:
        network = None if value is None else value.partition("/")[0]
        yield from _levels(columns, SortKey(name=NETWORK, descending=down), network)
        yield from _text(columns.keys[name], identifier_of(value or ""), descending=down)
    elif name in columns.categories:
        category = columns.categories[name]
        yield Level(
            values=lambda places: category.ranks(name, places, descending=down),
            bound=0 if value is None else category.parts[name].rank_of(value, descending=down),
        )
    elif name in columns.moments:
        moment = columns.moments[name]
        yield Level(
            values=lambda places: moment.ranks(places, descending=down),
            bound=moments.rank_of(value, descending=down),
        )
    elif name in columns.keys:
        texts = columns.keys[name]
        text = bytes.fromhex(value or "")
        yield Level(values=texts.empty, bound=int(not text))
        yield from _text(texts, text, descending=down)


def _text(texts: packed.PackedTexts, bound: bytes, *, descending: bool) -> Iterator[Level]:
    bounds = packed.packed([bound])[0].tolist()
    for number, (_, own) in enumerate(zip_longest(range(texts.width), bounds)):
        yield Level(
            values=lambda places, number=number: texts.ranks(  # type: ignore[misc]
                number, places, descending=descending
            ),
            bound=packed.rank_of(own or 0, descending=descending),
        )


def _value(columns: Columns, key: SortKey, ordinal: int) -> Any:
    if key.name == DEVICE_ID:
        return columns.ids[ordinal]
    if key.name in columns.categories:
        return columns.categories[key.name].word(key.name, ordinal)
    if key.name in columns.moments:
        return columns.moments[key.name].value(ordinal)
    if key.name in columns.keys:
        return columns.keys[key.name].first_bytes(ordinal).hex()
    return None


def _is_value(columns: Columns, key: SortKey, value: Any) -> bool:
    if key.name == DEVICE_ID or key.name in columns.categories:
        return isinstance(value, str)
    if key.name in columns.moments:
        return value is None or (type(value) is int and abs(value) < 1 << 62)
    if key.name in columns.keys:
        return isinstance(value, str) and _is_hex(value)
    return value is None


def _is_hex(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) <= packed.BYTES_AT_MOST
    except ValueError:
        return False
