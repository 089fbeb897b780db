"""A report as the connector made it, as names and texts: what it says of a device, whatever its kind."""

from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from bff.graph.fields import NamedText


def facts_of(content: Message) -> list[NamedText]:
    """Return every field that is set, in the order of the contract."""
    return [
        NamedText(name=field.json_name, value=_text(field, value))
        for field, value in content.ListFields()
    ]


def _text(field: FieldDescriptor, value: Any) -> str:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return ", ".join(f"{name}={value[name]}" for name in sorted(value))
    if field.enum_type is not None:
        return _word(field.enum_type, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _word(enum: EnumDescriptor, number: int) -> str:
    """Return the word of an enum's value without the enum's own name: MEANING_POWER_LOST is POWER_LOST."""
    known = enum.values_by_number.get(number)
    if known is None:
        return str(number)
    zero = enum.values_by_number[0].name
    return known.name.removeprefix(zero.removesuffix("UNSPECIFIED"))
