"""What a call says of itself as a deed, read from its messages by the names of their fields."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message

from contract_limits import DEED_DEVICES, DEED_TEXT_CHARACTERS
from service_deeds.words import Words

_MADE_AT: Final = ("create_time", "update_time")
# What a call names is stored before anybody has looked whether it can be an id at all.
LONGEST_ID: Final = 300
_MOST_TEXTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What messages name: what they are about, and devices, each once; ``cut`` names what of it is kept in part."""

    about: str
    device_ids: tuple[str, ...]
    cut: frozenset[str]


def named(words: Words, *messages: Message) -> Named:
    """Return what ``messages`` name. What the last one says it is about goes before what the others say."""
    about = next((text for each in reversed(messages) if (text := _about(words, each))), "")
    found = dict.fromkeys(text for each in messages for text in _devices(words, each))
    kept = tuple(clipped(each, LONGEST_ID) for each in found)[:DEED_DEVICES]
    parted = {"about": about[:LONGEST_ID] != about, "device_ids": kept != tuple(found)}
    return Named(
        about=clipped(about, LONGEST_ID),
        device_ids=tuple(dict.fromkeys(kept)),
        cut=frozenset(name for name, in_part in parted.items() if in_part),
    )


def placed(words: Words, request: Message) -> frozenset[str]:
    """Return the networks of the ids that ``request`` itself names."""
    ids = (_text(request, name)[:LONGEST_ID].partition("/") for name in words.placed)
    return frozenset(network for network, slash, _ in ids if network and slash)


def touched(words: Words, answer: Message) -> str:
    """Return the one network that ``answer`` says was touched; "" when it says none."""
    return first_of(answer, words.networks)


def content(request: Message) -> str:
    """Return a digest of all that ``request`` says: two requests that differ have two."""
    said_all = request.SerializeToString(deterministic=True)
    return blake2b(said_all, digest_size=16).hexdigest()


def made(words: Words, request: Message, answer: Message) -> str:
    """Return what ``answer`` says was made, and when; "" when ``request`` names what it is about.

    The same request again is answered with what it made before. Where that is gone it makes another, which has another
    id, or another time.
    """
    if _about(words, request):
        return ""
    times = (
        getattr(each, name).ToJsonString()
        for each in _within(answer)
        for name in _MADE_AT
        if name in each.DESCRIPTOR.fields_by_name and each.HasField(name)
    )
    return f"{clipped(_about(words, answer), LONGEST_ID)} {next(times, '')}".strip()


def request_id(words: Words, request: Message) -> str:
    found = next((text for name in words.request_ids if (text := _text(request, name))), "")
    return found[:LONGEST_ID]


def said(words: Words, request: Message) -> tuple[dict[str, str], frozenset[str]]:
    """Return what ``request`` asks for, text by text, and the names of those that are kept in part, or not at all."""
    told = json_format.MessageToDict(request, preserving_proto_field_name=True)
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in told.items()
        if not _is_said_elsewhere(words, request, name)
    }
    kept = {name: clipped(text) for name, text in list(texts.items())[:_MOST_TEXTS]}
    return kept, frozenset(name for name, text in texts.items() if kept.get(name) != text)


def first_of(message: Message, names: Sequence[str]) -> str:
    """Return the first text under one of ``names``, in the message or one step within it; "" when there is none."""
    for each in _within(message):
        for name in names:
            if text := _text(each, name):
                return text
    return ""


def clipped(text: str, longest: int = DEED_TEXT_CHARACTERS) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _is_said_elsewhere(words: Words, request: Message, name: str) -> bool:
    """Whether a deed says this in a place of its own, or to nobody."""
    if name in words.about:
        return len(_texts(request, name)) == 1
    return name in (*words.request_ids, "device_id")


def _about(words: Words, message: Message) -> str:
    return first_of(message, words.about)


def _devices(words: Words, message: Message) -> Iterator[str]:
    for name in words.devices:
        for each in _within(message):
            yield from _texts(each, name)


def _within(message: Message) -> Iterator[Message]:
    """Yield the message, and those that are set within it, one step deep."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None and isinstance(value, Message):
            yield value


def _text(message: Message, name: str) -> str:
    """Return the text under this name, or the only one of a list; "" without one."""
    texts = _texts(message, name)
    return texts[0] if len(texts) == 1 else ""


def _texts(message: Message, name: str) -> list[str]:
    value: Any = getattr(message, name, "") if name in message.DESCRIPTOR.fields_by_name else ""
    if isinstance(value, str):
        return [value] if value else []
    field = message.DESCRIPTOR.fields_by_name[name]
    return list(value) if field.is_repeated and field.type == field.TYPE_STRING else []
