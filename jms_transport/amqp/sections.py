"""The sections of an AMQP message (AMQP 1.0, part 3, 3.2), each read for itself."""

from dataclasses import dataclass, field
from typing import Any

import proton

from jms_transport.amqp.values import Value, text_of, value_at

_HEADER = 0x70
_MESSAGE_ANNOTATIONS = 0x72
_PROPERTIES = 0x73
_APPLICATION_PROPERTIES = 0x74
_DATA = 0x75
_SEQUENCE = 0x76
_VALUE = 0x77

_NUMBERS = {
    "amqp:header:list": _HEADER,
    "amqp:delivery-annotations:map": 0x71,
    "amqp:message-annotations:map": _MESSAGE_ANNOTATIONS,
    "amqp:properties:list": _PROPERTIES,
    "amqp:application-properties:map": _APPLICATION_PROPERTIES,
    "amqp:data:binary": _DATA,
    "amqp:amqp-sequence:list": _SEQUENCE,
    "amqp:amqp-value:*": _VALUE,
    "amqp:footer:map": 0x78,
}
_KNOWN = frozenset(_NUMBERS.values())


class NotAMessage(Exception):
    """The bytes are not those of an AMQP message; ``place`` says from which byte on."""

    def __init__(self, detail: str, place: str) -> None:
        super().__init__(f"{detail} ({place})")
        self.detail = detail
        self.place = place


@dataclass(slots=True)
class Sections:
    """The sections of a message; absent ones are empty."""

    header: list[Value] = field(default_factory=list)
    annotations: dict[str, Value] = field(default_factory=dict)
    properties: list[Value] = field(default_factory=list)
    application: dict[str, Value] = field(default_factory=dict)
    data: list[bytes] = field(default_factory=list)
    sequences: list[Value] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    @property
    def delivery_count(self) -> int:
        """How many deliveries failed before this one."""
        return found if isinstance(found := _at(self.header, 4), int) and found > 0 else 0

    def property_at(self, index: int) -> Value:
        """Return a field of the properties section by its number; None where it is absent."""
        return _at(self.properties, index)


def sections_of(encoded: bytes) -> Sections:
    """Read all sections; raises NotAMessage."""
    found = Sections()
    position = 0
    rest = memoryview(encoded)
    if not rest:
        raise NotAMessage("it has no bytes", "byte 0")
    data = proton.Data()
    while position < len(rest):
        data.clear()
        try:
            length = data.decode(rest[position:])
        except (proton.ProtonException, ValueError) as error:
            raise NotAMessage(f"not an AMQP value: {_line(error)}", f"byte {position}") from None
        data.rewind()
        _take(data, found, position)
        position += length
    return found


def _take(data: Any, found: Sections, position: int) -> None:
    place = f"byte {position}"
    if data.next() != proton.Data.DESCRIBED or not data.enter():
        raise NotAMessage("not a section of an AMQP message", place)
    data.next()
    number = _number(value_at(data))
    if data.next() is None:
        raise NotAMessage("a section without content", place)
    value = value_at(data)
    if number not in _KNOWN:
        raise NotAMessage("a section that AMQP does not know", place)
    if number == _DATA and not isinstance(value, bytes):
        raise NotAMessage("a Data section that holds no bytes", place)
    _put(found, number, value)


def _put(found: Sections, number: int, value: Value) -> None:
    match number, value:
        case (0x70, list()):
            found.header = value
        case (0x72, dict()):
            found.annotations = value
        case (0x73, list()):
            found.properties = value
        case (0x74, dict()):
            found.application = value
        case (0x75, bytes()):
            found.data.append(value)
        case (0x76, _):
            found.sequences.append(value)
        case (0x77, _):
            found.values.append(value)
        case _:
            pass  # what says nothing to us, or is not of the kind that its section wants


def _number(descriptor: Value) -> int:
    if isinstance(descriptor, int):
        return descriptor
    return _NUMBERS.get(text_of(descriptor), 0)


def _at(values: list[Value], index: int) -> Value:
    return values[index] if index < len(values) else None


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
