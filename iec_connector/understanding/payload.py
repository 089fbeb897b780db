"""The payload: which nouns a message carries, wherever they stand.

In ``Payload``, directly under the root, in an ``OperationSet``, compressed, as text inside CDATA, or as nothing but
a list of ``ID`` for what was deleted. The payload's element tells the noun; the header's is asked when it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from iec_connector.understanding.body_text import text_of
from iec_connector.understanding.compressed import inflate
from iec_connector.understanding.document import markup_count, parse
from iec_connector.understanding.element import Element, Vocabulary
from iec_connector.understanding.envelope import namespace_not_allowed, open_envelope
from iec_connector.understanding.nouns import (
    ITEMS,
    OTHER_STANDARD_NOUNS,
    Noun,
    noun_of,
    plain,
)
from iec_connector.understanding.parts import Found, OtherNoun, Part
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.envelope import Envelope
    from iec_connector.understanding.source import Source

_LONGEST_VERB = 256
_COMPRESSED = ("compressed", "compressedpayload")
_NOT_CONTENT = frozenset(
    {"header", "request", "reply", "format", "operationid", "noun", "verb", "id"}
    | {"enforcemsgsequence", "enforcetransactionalintegrity", "elementoperation"}
    | {"timesliceoperation"}
)
# Items that tell their noun when nothing else does. A Meter does not: it stands in many nouns that are no report.
_NOUN_OF_ITEM = {
    "enddeviceevent": Noun.END_DEVICE_EVENTS,
    "meterreading": Noun.METER_READINGS,
}


@dataclass(slots=True)
class _Allowance:
    """What the documents embedded in one message may take together."""

    inflated_bytes: int
    elements: int


@dataclass(frozen=True, slots=True)
class _Search:
    """What is being looked through: with which verb and noun, and whether it is an embedded document."""

    source: Source
    verb: str
    noun: str
    allowance: _Allowance
    embedded: bool = False


def parts_of(envelope: Envelope, source: Source, verb: str, noun: str) -> list[Found]:
    """The nouns of the message in document order; ``Unreadable`` for what is none.

    One more than the reports that a message may make, at most.

    Raises:
        Unreadable: a compressed payload cannot be read or is too large.
    """
    limits = source.limits
    search = _Search(source, verb, noun, _Allowance(limits.inflated_bytes, limits.elements))
    return list(islice(_in_message(envelope, search), limits.reports + 1))


def _in_message(envelope: Envelope, search: _Search) -> Iterator[Found]:
    message = envelope.message
    payloads = message.all("payload")
    request = message.first("request")
    if envelope.bare:
        yield from _in_element(message, search)
    elif payloads:
        for payload in payloads:
            yield from _in_container(payload, search)
    elif any(_holds_content(child) for child in message if child.name):
        yield from _in_container(message, search)
    elif request is not None:
        ids = _ids_part(request, search)
        if ids is not None:
            yield ids
    else:
        _require_no_foreign(message, "payload")


def _in_container(container: Element, search: _Search) -> Iterator[Found]:
    """Everything in a Payload, an Operation, or a root without Payload."""
    children = [child for child in container if child.name not in _NOT_CONTENT]
    if not children:
        if container.own_text.startswith("<"):
            yield from _embedded(container.own_text, container, search, "text")
            return
        ids = _ids_part(container, search)
        if ids is not None:
            yield ids
        return
    noun = _noun_of_items(children, search)
    if noun is not None:
        # The items without the element that should hold them.
        yield Part(search.verb, search.noun, noun, container)
        return
    for child in children:
        yield from _in_element(child, search)


def _noun_of_items(children: list[Element], search: _Search) -> Noun | None:
    """The noun whose items these are: the one that was announced, or one that its items tell."""
    announced = noun_of(search.noun)
    for child in children:
        if announced is not None and child.name in ITEMS[announced]:
            return announced
        if child.name in _NOUN_OF_ITEM:
            return _NOUN_OF_ITEM[child.name]
    return None


def _in_element(element: Element, search: _Search) -> Iterator[Found]:
    if not element.name:
        yield namespace_not_allowed(element)
    elif element.name in _COMPRESSED:
        yield from _inflated(element, search)
    elif element.name == "operationset":
        for operation in element.all("operation"):
            yield from _in_container(
                operation,
                replace(
                    search,
                    verb=operation.text("verb")[:_LONGEST_VERB] or search.verb,
                    noun=operation.text("noun")[:_LONGEST_VERB],
                ),
            )
    else:
        noun = noun_of(element.name)
        nested = any(noun_of(child.name) == noun for child in element if _is_container(child, noun))
        if noun is not None and not nested:
            yield Part(search.verb, search.noun or element.written_name, noun, element)
        elif plain(element.name) in OTHER_STANDARD_NOUNS:
            yield OtherNoun(element)
        elif not _is_query(element) and (nested or _holds_noun(element, search)):
            yield from _in_container(element, search)
        else:
            yield _noun_unknown(element)


def _inflated(element: Element, search: _Search) -> Iterator[Found]:
    if search.embedded:
        raise Unreadable(
            Reason.COMPRESSED_UNREADABLE,
            "there is something compressed inside of something compressed",
            at=element,
        )
    try:
        data = inflate(element.own_text, search.allowance.inflated_bytes)
        search.allowance.inflated_bytes -= len(data)
        text = text_of(data)
    except Unreadable as unreadable:
        unreadable.place = element.place
        raise
    yield from _embedded(text, element, search, "inflated")


def _embedded(text: str, at: Element, search: _Search, how: str) -> Iterator[Found]:
    """A document inside the message: the payload, or a whole message with one."""
    within = f"{at.place}, {how}: "
    if search.embedded:
        raise Unreadable(Reason.ENVELOPE_UNKNOWN, "a message in a message in a message", at=at)
    try:
        root = parse(text, replace(search.source.limits, elements=search.allowance.elements))
        search.allowance.elements -= markup_count(text)
    except Unreadable as unreadable:
        unreadable.place = f"{within}{unreadable.place}"
        raise
    element = Element(root, Vocabulary(search.source.namespaces, within))
    inside = replace(search, embedded=True)
    if not element.name or noun_of(element.name) is not None or element.name == "operationset":
        yield from _in_element(element, inside)
        return
    envelope = open_envelope(element)
    if envelope.bare:
        yield from _in_element(envelope.message, inside)
    else:
        for container in envelope.message.all("payload") or [envelope.message]:
            yield from _in_container(container, inside)


def _ids_part(container: Element, search: _Search) -> Part | None:
    ids = container.all("id")
    noun = noun_of(search.noun)
    if not ids or noun is None:
        return None
    return Part(search.verb, search.noun, noun, container, tuple(ids))


def _holds_content(child: Element) -> bool:
    return (
        noun_of(child.name) is not None
        or child.name in _NOUN_OF_ITEM
        or plain(child.name) in OTHER_STANDARD_NOUNS
        or child.name in _COMPRESSED
        or child.name == "operationset"
    )


def _require_no_foreign(element: Element, name: str) -> None:
    for child in element:
        if not child.name and child.written_name.lower() == name:
            raise namespace_not_allowed(child)


def _is_container(child: Element, noun: Noun | None) -> bool:
    """A noun's element inside a wrapper of the same noun (``SendEndDeviceEvents/EndDeviceEvents``)."""
    return noun is not None and bool(child.name) and child.name not in ITEMS[noun]


def _holds_noun(element: Element, search: _Search) -> bool:
    """Whether an element of unknown name is a mere wrapper of what is known."""
    children = list(element)
    return _noun_of_items(children, search) is not None or any(
        noun_of(child.name) is not None for child in children
    )


def _is_query(element: Element) -> bool:
    return plain(element.name).startswith("get")


def _noun_unknown(element: Element) -> Unreadable:
    written = element.written_name[:100]
    if _is_query(element):
        return Unreadable(Reason.NOT_A_REPORT, f"{written} is a query, not a report", at=element)
    return Unreadable(Reason.NOUN_UNKNOWN, f"{written} is no known noun", at=element)
