"""From the body of a message to the reports that it makes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iec_connector.understanding.body.document import parse
from iec_connector.understanding.body.text import text_of
from iec_connector.understanding.element import Element, Vocabulary, may_hold_nil
from iec_connector.understanding.envelope.envelope import header_of, open_envelope
from iec_connector.understanding.envelope.parts import OtherNoun, Part
from iec_connector.understanding.findings.gathering import Gathering
from iec_connector.understanding.findings.report_id import ReportIds
from iec_connector.understanding.findings.statement import IGNORED_NOUN, Reading
from iec_connector.understanding.naming.networks import network_of_message
from iec_connector.understanding.nouns import Verb, is_standard, plain, verb_of
from iec_connector.understanding.outcome import order_in, outcome_of
from iec_connector.understanding.payload import parts_of
from iec_connector.understanding.readers import findings_in
from iec_connector.understanding.understood import Understood
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from iec_connector.understanding.envelope.envelope import Envelope
    from iec_connector.understanding.envelope.parts import Found
    from iec_connector.understanding.header import Header
    from iec_connector.understanding.outcome import Outcome
    from iec_connector.understanding.source import Source


def understand(
    body: str | bytes,
    source: Source,
    *,
    received_at: datetime,
    broker_message_id: str = "",
    destination: str = "",
) -> Understood:
    """Return the reports of a message, in document order, and the problems of parts that make none.

    No report and no problem when everything in it is only counted (``Understood.passed_over``).

    ``received_at`` is aware. ``destination`` (with or without ``queue://``) matters to sources whose network it tells.

    Raises:
        Unreadable: the message gives no report at all. Nothing else is raised for what a message holds.
    """
    limits = source.limits
    _refuse_large(body, limits.message_bytes)
    text = text_of(body)
    root = parse(text, limits)
    vocabulary = Vocabulary(source.namespaces, may_hold_nil=may_hold_nil(text))
    envelope = open_envelope(Element(root, vocabulary))
    header = header_of(envelope, source.zone)
    network = ""
    try:
        network = network_of_message(source.network, header, destination)
        _require_context(source, header)
        if _is_ignored(envelope, source, header):
            return Understood(
                header=header, network=network, reports=(), passed_over={IGNORED_NOUN: 1}
            )
        outcome = outcome_of(envelope.message)
        found = _content(envelope, source, header, outcome)
        header = _with_noun(header, found)
        gathering = Gathering(
            source=source,
            header=header,
            network=network,
            received_at=received_at,
            ids=ReportIds(header, broker_message_id),
            message_id=header.message_id or broker_message_id,
        )
        findings = findings_in(found, Reading(source, received_at, header.timestamp))
        gathering.take(outcome.applied(findings))
        if envelope.kind == "request" and not (gathering.reports or gathering.problems):
            raise _question(envelope, header)
        return gathering.understood()
    except Unreadable as unreadable:
        unreadable.header = header
        unreadable.verb = header.verb
        unreadable.noun = header.noun
        unreadable.message_id = header.message_id or broker_message_id
        unreadable.network = network
        raise


def _refuse_large(body: str | bytes, limit: int) -> None:
    # A text's bytes are counted only when its characters could be too many.
    size = len(body)
    if isinstance(body, str) and limit < 4 * size <= 4 * limit:
        size = len(body.encode(errors="surrogatepass"))
    if size > limit:
        raise Unreadable(
            Reason.MESSAGE_TOO_LARGE, f"the body takes {size} bytes; at most {limit} are taken"
        )


def _require_context(source: Source, header: Header) -> None:
    if header.context in source.contexts:
        return
    if header.context.upper() not in {context.upper() for context in source.contexts}:
        raise Unreadable(
            Reason.CONTEXT_NOT_ACCEPTED,
            f"Header/Context is {header.context[:60]!r}; this source takes {_listed(source.contexts)}",
        )


def _listed(contexts: Iterable[str]) -> str:
    return ", ".join(sorted(context or "none" for context in contexts))


def _is_ignored(envelope: Envelope, source: Source, header: Header) -> bool:
    """Whether the source only counts messages of this noun: what the payload holds goes before the header."""
    if envelope.bare:
        return source.ignores(envelope.message.name)
    payload = envelope.message.first("payload")
    held = [
        child.name
        for child in (envelope.message if payload is None else payload)
        if is_standard(child.name) and child.name != "operationset"
    ]
    return all(map(source.ignores, held)) if held else source.ignores(header.noun)


def _content(envelope: Envelope, source: Source, header: Header, outcome: Outcome) -> list[Found]:
    """The nouns of the message; never an empty list.

    Raises:
        Unreadable: it is a fault, a query, a failure, an acknowledgement, or carries nothing.
    """
    message = envelope.message
    if envelope.kind == "fault":
        said = outcome.sentence or "without reason"
        raise Unreadable(Reason.FAULT_MESSAGE, f"a fault: {said}", at=message)
    if not outcome.orders_failed:
        outcome.require_success()
    if verb_of(header.verb) is Verb.GET and not (envelope.kind == "response" or outcome.replies):
        raise Unreadable(
            Reason.NOT_A_REPORT, f"{header.verb} {header.noun} is a query, not a report"
        )
    found = _found(envelope, source, header, outcome)
    outcome.require_success(found)
    if not outcome.replies and not source.requests_are_facts:
        found = [_unless_ordered(each, envelope, header) for each in found]
    if found:
        # Nouns that say nothing of devices are no problem beside others that do (SAP's OperationSet).
        telling: list[Found] = [each for each in found if not isinstance(each, OtherNoun)]
        return telling or found
    if message.first("reply") is not None:
        raise Unreadable(
            Reason.NOT_A_REPORT,
            f"an acknowledgement, not a report: {outcome.sentence or 'without result'}",
            at=message,
        )
    raise _nothing_carried(envelope, header)


def _found(envelope: Envelope, source: Source, header: Header, outcome: Outcome) -> list[Found]:
    """The nouns of the message; of one that failed and cannot be read, what failed is the reason."""
    try:
        return parts_of(envelope, source, header.verb, header.noun, outcome)
    except Unreadable:
        outcome.require_success()
        raise


def _unless_ordered(each: Found, envelope: Envelope, header: Header) -> Found:
    """The part, or why it is no report: an order, or a query in an operation or in an embedded message."""
    if not isinstance(each, Part):
        return each
    inner = each.envelope
    if inner is None:
        return order_in(envelope, header.verb, each) or each
    return order_in(inner, each.verb, each) or each


def _question(envelope: Envelope, header: Header) -> Unreadable:
    return Unreadable(
        Reason.NOT_A_REPORT,
        f"{header.verb} {header.noun} without a value is a question, not a report",
        at=envelope.message,
    )


def _nothing_carried(envelope: Envelope, header: Header) -> Unreadable:
    if not header.noun:
        return Unreadable(
            Reason.NOUN_MISSING,
            "neither header nor payload names a noun",
            at=envelope.message,
        )
    if plain(header.noun).startswith("get"):
        return Unreadable(
            Reason.NOT_A_REPORT,
            f"noun {header.noun[:100]!r} is a query",
            at=envelope.message,
        )
    if not is_standard(header.noun):
        return Unreadable(
            Reason.NOUN_UNKNOWN,
            f"noun {header.noun[:100]!r} is not known",
            at=envelope.message,
        )
    return Unreadable(
        Reason.PAYLOAD_MISSING,
        f"{header.noun[:100]} without a payload",
        at=envelope.message,
    )


def _with_noun(header: Header, found: Sequence[Found]) -> Header:
    """The header with the payload's noun where it lacks one."""
    if header.noun:
        return header
    noun = next((each.written_noun for each in found if isinstance(each, Part)), "")
    return replace(header, noun=noun)
