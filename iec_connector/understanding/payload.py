"""The payload: the nouns of a message, in any place.

In ``Payload``, directly under the root, in an ``OperationSet``, compressed, as text inside CDATA, or as nothing but
a list of ``ID`` for what was deleted. The payload's element gives the noun; without it the header does.
``Compressed`` that is empty, or a mere flag, is no content.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from iec_connector.understanding.body.compressed import inflate
from iec_connector.understanding.body.document import markup_count, parse
from iec_connector.understanding.body.text import text_of
from iec_connector.understanding.element import Element, Vocabulary, value_of
from iec_connector.understanding.envelope.envelope import namespace_not_allowed, open_envelope
from iec_connector.understanding.envelope.parts import Found, OtherNoun, Part
from iec_connector.understanding.nouns import (
    ITEMS,
    OTHER_STANDARD_NOUNS,
    Noun,
    is_standard,
    noun_of,
    plain,
)
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.envelope.envelope import Envelope
    from iec_connector.understanding.outcome import Outcome
    from iec_connector.understanding.source import Source

_LONGEST_VERB = 256
_COMPRESSED = ("compressed", "compressedpayload")
# Values of Compressed when it is used as a flag.
_FLAGS = frozenset(
    {"", "true", "false", "0", "1", "yes", "no", "y", "n", "none", "null", "off", "on"}
)
_NOT_CONTENT = frozenset(
    {"header", "request", "reply", "format", "operationid", "noun", "verb", "id"}
    | {"enforcemsgsequence", "enforcetransactionalintegrity", "elementoperation"}
    | {"timesliceoperation"}
)
# Items that show their noun when nothing else does. A Meter does not: it occurs in many nouns that are no report.
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
    """The element that is searched: its verb and noun, and whether it is an embedded document."""

    source: Source
    verb: str
    noun: str
    allowance: _Allowance
    outcome: Outcome
    embedded: bool = False
    operation: str = ""
    envelope: Envelope | None = None

    def part(
        self, noun: Noun, element: Element, *, written: str = "", ids: tuple[Element, ...] = ()
    ) -> Part:
        """A noun that was found; ``written`` is its name where nothing announced it."""
        return Part(
            self.verb,
            self.noun or written,
            noun,
            element,
            ids,
            operation=self.operation,
            envelope=self.envelope,
        )


def parts_of(
    envelope: Envelope, source: Source, verb: str, noun: str, outcome: Outcome
) -> list[Found]:
    """Return the nouns of the message in document order; ``Unreadable`` for other elements.

    At most one more than the reports that a message may make. Adds the replies of embedded messages to ``outcome``.

    Raises:
        Unreadable: a compressed payload cannot be read or is too large.
    """
    limits = source.limits
    allowance = _Allowance(limits.inflated_bytes, limits.elements)
    search = _Search(source, verb, noun, allowance, outcome)
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
    children = [
        child
        for child in container
        if child.name not in _NOT_CONTENT and not _is_compressed_flag(child)
    ]
    if not children:
        text = _loose_text(container)
        if text.startswith("<"):
            yield from _embedded(text, container, search, "text")
            return
        if text and any(child.name in _COMPRESSED for child in container):
            yield from _inflated(container, text, search)
            return
        ids = _ids_part(container, search)
        if ids is not None:
            yield ids
            return
        flag = container.first(*_COMPRESSED)
        if flag is not None and not search.outcome.replies:
            yield from _inflated(flag, flag.own_text, search)
        return
    noun = _noun_of_items(children, search)
    if noun is not None:
        # The items without the element that should hold them.
        yield search.part(noun, container)
        return
    for child in children:
        try:
            yield from _in_element(child, search)
        except Unreadable as unreadable:
            if unreadable.reason is not Reason.COMPRESSED_UNREADABLE or len(children) == 1:
                raise
            # Beside a payload, what cannot be inflated spoils only itself.
            yield unreadable


def _is_compressed_flag(element: Element) -> bool:
    """Whether the element only says if something is compressed (EPRI's interop tests), or says nothing."""
    return element.name in _COMPRESSED and element.is_leaf and element.own_text.lower() in _FLAGS


def _loose_text(container: Element) -> str:
    """The text of a payload without content: before its elements, else behind one of them."""
    texts = [container.own_text, *(value_of(child.node.tail) for child in container)]
    return next(filter(None, texts), "")


def _noun_of_items(children: list[Element], search: _Search) -> Noun | None:
    """Return the noun of these items: the announced one, or the one that the items show."""
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
    elif element.name in _COMPRESSED and not element.is_leaf:
        # Not compressed, in spite of its name.
        yield from _in_container(element, search)
    elif element.name in _COMPRESSED:
        yield from _inflated(element, element.own_text, search)
    elif element.name == "operationset":
        for operation in element.all("operation"):
            yield from _in_container(
                operation,
                replace(
                    search,
                    verb=operation.text("verb")[:_LONGEST_VERB] or search.verb,
                    noun=operation.text("noun")[:_LONGEST_VERB],
                    operation=operation.text("operationid"),
                ),
            )
    else:
        noun = noun_of(element.name)
        nested = any(noun_of(child.name) == noun for child in element if _is_container(child, noun))
        if noun is not None and not nested:
            yield search.part(noun, element, written=element.written_name)
        elif plain(element.name) in OTHER_STANDARD_NOUNS:
            yield OtherNoun(element)
        elif not _is_query(element) and (nested or _holds_noun(element, search)):
            yield from _in_container(element, search)
        else:
            yield _noun_unknown(element, search)


def _inflated(element: Element, packed: str, search: _Search) -> Iterator[Found]:
    if search.embedded:
        raise Unreadable(
            Reason.COMPRESSED_UNREADABLE,
            "there is something compressed inside of something compressed",
            at=element,
        )
    try:
        data = inflate(packed, search.allowance.inflated_bytes)
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
        search.outcome.hear(envelope.message)
        header = envelope.message.first("header")
        said = header.text("verb")[:_LONGEST_VERB] if header is not None else ""
        verb = said or envelope.root_verb or search.verb
        inside = replace(inside, verb=verb, envelope=envelope)
        for container in envelope.message.all("payload") or [envelope.message]:
            yield from _in_container(container, inside)


def _ids_part(container: Element, search: _Search) -> Part | None:
    ids = container.all("id")
    noun = noun_of(search.noun)
    if not ids or noun is None:
        return None
    return search.part(noun, container, ids=tuple(ids))


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
    """Return whether an element with an unknown name only wraps known elements."""
    children = list(element)
    return _noun_of_items(children, search) is not None or any(
        noun_of(child.name) is not None for child in children
    )


def _is_query(element: Element) -> bool:
    return plain(element.name).startswith("get")


def _noun_unknown(element: Element, search: _Search) -> Unreadable:
    written = element.written_name[:100]
    if _is_query(element):
        return Unreadable(Reason.NOT_A_REPORT, f"{written} is a query, not a report", at=element)
    if is_standard(search.noun):
        return Unreadable(
            Reason.PAYLOAD_UNKNOWN,
            f"{search.noun[:100]} is announced, but {written} is in the payload",
            at=element,
        )
    return Unreadable(Reason.NOUN_UNKNOWN, f"{written} is no known noun", at=element)
