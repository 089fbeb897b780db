"""AMQP values as plain Python, one node at a time: a value that is wrong spoils only itself.

qpid-proton turns a whole message into Python at once, and one byte that is no UTF-8 fails all of it. Here proton
decodes the bytes, and this module walks over what it found.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import proton

_DEPTH = 32
"""How deep lists and maps may be nested; deeper values are left out."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """A text that is not valid in its encoding, as it came."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name of the protocol, which is no text of the sender."""

    text: str


Value: TypeAlias = Any
"""None, bool, int, float, str, bytes, Garbled, Symbol, list, or dict with text as keys."""


def value_at(data: Any, depth: int = 0) -> Value:
    """Return the value of the current node of a ``proton.Data``; never raises for what the value is."""
    kind = data.type()
    if kind in _READ_AS:
        return _READ_AS[kind](data)
    match kind:
        case proton.Data.STRING:
            return _text(data.get_string)
        case proton.Data.SYMBOL:
            found = _text(data.get_symbol)
            return found if isinstance(found, Garbled) else Symbol(str(found))
        case proton.Data.CHAR:
            return _char(data)
        case proton.Data.LIST | proton.Data.ARRAY | proton.Data.MAP | proton.Data.DESCRIBED:
            return _inside(data, kind, depth)
        case _:
            return None


def text_of(value: Value) -> str:
    """Return a text that can always be encoded: other values as their text form, bytes as hexadecimal digits."""
    match value:
        case None:
            return ""
        case str():
            return encodable(value)
        case Symbol(text):
            return encodable(text)
        case bytes():
            return value.hex()
        case Garbled(raw):
            return raw.decode("utf-8", "backslashreplace")
        case list() | dict():
            return json.dumps(_plain(value), ensure_ascii=True)
        case _:
            return str(value)


def encodable(text: str) -> str:
    """Return the text with each half of a surrogate pair written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _char(data: Any) -> Value:
    try:
        return str(data.get_char())
    except (ValueError, OverflowError):
        return None  # no character has this number


def _text(read: Callable[[], Any]) -> Value:
    try:
        return str(read())
    except UnicodeDecodeError as error:
        return Garbled(bytes(error.object))


def _inside(data: Any, kind: int, depth: int) -> Value:
    if depth >= _DEPTH:
        return "..."
    described = kind == proton.Data.ARRAY and data.get_array()[1]
    if not data.enter():
        return None
    try:
        found = []
        while data.next() is not None:
            found.append(value_at(data, depth + 1))
    finally:
        data.exit()
    if kind == proton.Data.DESCRIBED:
        return found[1] if len(found) > 1 else None
    if kind == proton.Data.MAP:
        values = [*found[1::2], None]
        return {text_of(key): value for key, value in zip(found[::2], values, strict=False)}
    return found[1:] if described else found


def _plain(value: Value) -> Any:
    """What ``json`` can write."""
    match value:
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case str() | None | bool() | int():
            return value
        case float():
            return value if abs(value) < float("inf") else str(value)
        case Sequence() if not isinstance(value, bytes):
            return [_plain(each) for each in value]
        case _:
            return text_of(value)


_READ_AS: Mapping[int, Callable[[Any], Value]] = {
    proton.Data.NULL: lambda _: None,
    proton.Data.BOOL: lambda data: bool(data.get_bool()),
    proton.Data.UBYTE: lambda data: int(data.get_ubyte()),
    proton.Data.BYTE: lambda data: int(data.get_byte()),
    proton.Data.USHORT: lambda data: int(data.get_ushort()),
    proton.Data.SHORT: lambda data: int(data.get_short()),
    proton.Data.UINT: lambda data: int(data.get_uint()),
    proton.Data.INT: lambda data: int(data.get_int()),
    proton.Data.ULONG: lambda data: int(data.get_ulong()),
    proton.Data.LONG: lambda data: int(data.get_long()),
    proton.Data.TIMESTAMP: lambda data: int(data.get_timestamp()),
    proton.Data.FLOAT: lambda data: float(data.get_float()),
    proton.Data.DOUBLE: lambda data: float(data.get_double()),
    proton.Data.DECIMAL32: lambda data: f"decimal32:{int(data.get_decimal32()):x}",
    proton.Data.DECIMAL64: lambda data: f"decimal64:{int(data.get_decimal64()):x}",
    proton.Data.DECIMAL128: lambda data: f"decimal128:{bytes(data.get_decimal128()).hex()}",
    proton.Data.UUID: lambda data: str(data.get_uuid()),
    proton.Data.BINARY: lambda data: bytes(data.get_binary()),
}
