"""What a call says of itself as a deed, read from its messages by the names of their fields, whatever service it is."""

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message

# Whose id a deed is about, and what it is called for people.
ABOUT: Final = ("alarm_id", "job_id", "import_id", "view_id", "note_id")
# Ids that begin with a network.
_PLACED: Final = ("alarm_id", "device_id")
_MADE_AT: Final = ("create_time", "update_time")
_CALLED: Final = ("summary", "file_name", "name")
# Said elsewhere in a deed, or said to nobody.
_LEFT_OUT: Final = frozenset({*ABOUT, "device_id", "request_id"})
_LONGEST_TEXT: Final = 500
# What a call names is stored before anybody has looked whether it can be an id at all.
LONGEST_ID: Final = 300
_MOST_TEXTS: Final = 20
DEVICES_AT_MOST: Final = 500


def about(message: Message) -> str:
    """Return the id that ``message`` names, or a message within it; what is too long for one is cut."""
    return _clipped(_first(message, ABOUT), LONGEST_ID)


def placed(request: Message) -> str:
    """Return the id of the alarm, or of the device, that ``request`` itself names; "" when it names neither."""
    found = next((text for name in _PLACED if (text := _text(request, name))), "")
    return _clipped(found, LONGEST_ID)


def content(request: Message) -> str:
    """Return a digest of all that ``request`` says: two requests that differ have two."""
    said_all = request.SerializeToString(deterministic=True)
    return blake2b(said_all, digest_size=16).hexdigest()


def made(request: Message, answer: Message) -> str:
    """Return what ``answer`` says was made, and when; "" when ``request`` names what it is about.

    The same request again is answered with what it made before. Where that is gone it makes another, which has another
    id, or another time.
    """
    if about(request):
        return ""
    times = (
        getattr(each, name).ToJsonString()
        for each in _within(answer)
        for name in _MADE_AT
        if name in each.DESCRIPTOR.fields_by_name and each.HasField(name)
    )
    return f"{about(answer)} {next(times, '')}".strip()


def summary(answer: Message) -> str:
    return _first(answer, _CALLED)[:_LONGEST_TEXT]


def devices(message: Message) -> tuple[str, ...]:
    """Return the devices that ``message`` names, each once."""
    found = [text for each in _within(message) if (text := _text(each, "device_id"))]
    for each in _within(message):
        if "device_ids" in each.DESCRIPTOR.fields_by_name:
            found += each.device_ids  # type: ignore[attr-defined]
    clipped = (_clipped(each, LONGEST_ID) for each in found)
    return tuple(dict.fromkeys(clipped))[:DEVICES_AT_MOST]


def request_id(request: Message) -> str:
    return _text(request, "request_id")[:_LONGEST_TEXT]


def said(request: Message) -> dict[str, str]:
    """Return what ``request`` asks for, text by text; what is long is cut."""
    told = json_format.MessageToDict(request, preserving_proto_field_name=True)
    texts = {
        name: _clipped(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in told.items()
        if name not in _LEFT_OUT
    }
    return dict(list(texts.items())[:_MOST_TEXTS])


def _first(message: Message, names: tuple[str, ...]) -> str:
    for each in _within(message):
        for name in names:
            if text := _text(each, name):
                return text
    return ""


def _within(message: Message) -> Iterator[Message]:
    """Yield the message, and those that are set within it, one step deep."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None and isinstance(value, Message):
            yield value


def _text(message: Message, name: str) -> str:
    value: Any = getattr(message, name) if name in message.DESCRIPTOR.fields_by_name else ""
    return value if isinstance(value, str) else ""


def _clipped(text: str, longest: int = _LONGEST_TEXT) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
