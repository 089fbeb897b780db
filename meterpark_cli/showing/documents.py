"""Answers for programs: one JSON document, with the field names of the contracts.

Unlike protobuf's own JSON: 64-bit numbers are numbers, enum values come without their prefix ("OPEN"), and every
field is there, null when it is absent: a message, a time, or a value that the contract calls optional. Times are
RFC 3339 in UTC, bytes are base64.
Everything beyond ASCII is escaped, so that no byte of a meter reaches a terminal.
"""

import base64
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

Document = dict[str, Any]


def document_of(message: Message) -> Document:
    """Return every field of ``message`` by its name in the contract."""
    fields: Sequence[Any] = message.DESCRIPTOR.fields  # two classes, by how protobuf was built
    return {field.name: _field(message, field) for field in fields}


def _field(message: Message, field: FieldDescriptor) -> Any:
    value = getattr(message, field.name)
    kind = field.message_type
    if field.is_repeated:
        if kind is not None and kind.GetOptions().map_entry:
            return {key: value[key] for key in sorted(value)}
        return [_value(one, field) for one in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _value(value, field)


def _value(value: Any, field: FieldDescriptor) -> Any:
    if isinstance(value, Timestamp):
        return value.ToJsonString()
    if isinstance(value, Message):
        return document_of(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name.removeprefix(_prefix(field.enum_type.name)) if known else value
    return value


def _prefix(enum_name: str) -> str:
    """``QuarantineState`` -> ``QUARANTINE_STATE_``, the prefix of its values by the style guide."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", enum_name).upper() + "_"


def print_document(document: Document) -> None:
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_document_line(document: Document) -> None:
    """One document on one line, at once: for answers that go on and on."""
    sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
    sys.stdout.flush()


async def print_list_document(
    name: str, pages: AsyncIterator[tuple[list[Document], str]], **more: Any
) -> None:
    """Print ``{name: [...], "next_page_token": ..., ...}`` page by page: a park of a million needs no memory for it."""
    sys.stdout.write(f"{{{json.dumps(name)}: [")
    separator, next_page_token = "\n", ""
    async for documents, token in pages:
        next_page_token = token
        for document in documents:
            sys.stdout.write(separator + json.dumps(document))
            separator = ",\n"
    rest = json.dumps({"next_page_token": next_page_token, **more})
    sys.stdout.write("\n], " + rest.removeprefix("{") + "\n")
