"""``Reply``: result and errors, as real messages write them.

A reply occurs in any kind of message: under the root, in the payload, in an ``OperationSet``, in an ``Operation`` of
it, or in the element of a noun. ``Result`` is read in any case and spelling of the table below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from iec_connector.understanding.naming.identity import clipped, names_in
from iec_connector.understanding.secret_places.assignments import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.element import Element

LONGEST_SENTENCE = 500
_MOST_ERRORS = 1_000
_MOST_NAMES = 1_000
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_RESULT_FIELDS = ("result", "replycode", "resultcode", "returncode", "status")
_NAMING = (
    *("id", "relatedid", "object", "objectid", "mrid", "serialnumber", "names"),
    *("meter", "meters", "enddevice", "enddevices", "assets", "device"),
)
"""What in an ``Error`` names something: not a mere ``name``, which may be the error's own."""
_ACKNOWLEDGED = "0.3"
"""The code of a simple acknowledgement: received, not done."""


class Result(Enum):
    """What a reply says, all in all."""

    OK = auto()
    PARTIAL = auto()
    FAILED = auto()
    RECEIVED = auto()
    UNSAID = auto()
    UNKNOWN = auto()


RESULT_WORDS: dict[Result, tuple[str, ...]] = {
    Result.OK: (
        *("ok", "okay", "success", "successful", "successfully", "succeeded", "completed"),
        *("complete", "done", "executed", "passed", "true", "0", "00"),
    ),
    Result.PARTIAL: (
        *("partial", "partially", "partialsuccess", "partialsuccessful", "partiallysuccessful"),
        *("partiallysucceeded", "partialfailure", "partiallyfailed", "partialok", "incomplete"),
    ),
    Result.FAILED: (
        *("failed", "fail", "failure", "error", "nok", "notok", "ko", "rejected", "refused"),
        *("denied", "nack", "fault", "fatal", "invalid", "unsuccessful", "false", "timeout"),
        *("timedout", "aborted", "canceled", "cancelled"),
    ),
    Result.RECEIVED: (
        *("ack", "acknowledged", "accepted", "received", "pending", "queued", "inprogress"),
        *("processing", "started"),
    ),
}
"""Spellings of ``Result``: lower-case letters and digits."""

_OF_WORD = {word: result for result, words in RESULT_WORDS.items() for word in words}

INFORMING = frozenset({"inform", "info", "information", "informational", "notice", "debug", "ok"})
WARNING = frozenset({"warning", "warn"})
"""Levels of an ``Error`` that is none, and of one that hinders nothing where the result is OK."""


@dataclass(frozen=True, slots=True)
class Error:
    """One ``Error``. ``ids``, ``operations`` and ``xpaths`` are what it names."""

    element: Element
    text: str
    code: str
    level: str
    ids: tuple[str, ...]
    operations: tuple[str, ...]
    xpaths: tuple[str, ...]

    @property
    def is_failure(self) -> bool:
        """Whether something failed: not for a code 0.x, nor for the level INFORM, nor when it is empty."""
        if self.code == "0" or self.code.startswith("0.") or self.level in INFORMING:
            return False
        return bool(self.text or self.ids or self.operations or self.xpaths)


@dataclass(frozen=True, slots=True)
class Reply:
    """One ``Reply``; ``operation`` is the operation that it is about, or empty."""

    element: Element
    result: Result
    written: str
    errors: tuple[Error, ...]
    operation: str

    @property
    def sentence(self) -> str:
        """Result and errors as a text for operators; empty when there are none."""
        said = [self.written, *(each.text for each in self.errors)]
        return "; ".join(filter(None, said))[:LONGEST_SENTENCE]


def replies_in(message: Element) -> Iterator[Reply]:
    """Return all replies of a message, in any place."""
    yield from _replies_of(message)
    for payload in message.all("payload"):
        yield from _replies_of(payload)
        for child in payload:
            if child.name not in ("", "reply", "compressed"):
                yield from _replies_below(child)
    for child in message.all("operationset"):
        yield from _replies_below(child)


def _replies_below(element: Element) -> Iterator[Reply]:
    """Of a noun's element, or of an operation set with its operations."""
    yield from _replies_of(element)
    if element.name == "operationset":
        for operation in element.all("operation"):
            yield from _replies_of(operation, operation.text("operationid"))


def _replies_of(parent: Element, operation: str = "") -> Iterator[Reply]:
    for element in parent.all("reply"):
        if element.is_leaf and not element.own_text and not element.node.attrib:
            continue
        yield reply_of(element, operation)


def reply_of(element: Element, operation: str = "") -> Reply:
    """What a ``Reply`` says."""
    written_errors = list(element.all("error"))
    for wrapper in element.all("errors"):
        written_errors += wrapper.all("error")
    errors = tuple(_error(each) for each in written_errors[:_MOST_ERRORS])
    if len(written_errors) > _MOST_ERRORS:
        # The subjects of replies that were not read are unknown.
        more = f"and {len(written_errors) - _MOST_ERRORS} more errors"
        errors += (Error(element, more, "", "fatal", (), (), ()),)
    written = element.text(*_RESULT_FIELDS) or (element.own_text if element.is_leaf else "")
    plain = _NOT_ALPHANUMERIC.sub("", written.lower())
    result = _OF_WORD.get(plain, Result.UNKNOWN) if written else Result.UNSAID
    if result is Result.OK and any(error.code == _ACKNOWLEDGED for error in errors):
        result = Result.RECEIVED
    return Reply(
        element,
        result,
        clipped(written, 60),
        errors,
        element.text("operationid") or operation,
    )


def what_replies_say(message: Element) -> str:
    """Results and errors of a message's replies, as a text for operators; empty when there are none."""
    said = (reply.sentence for reply in replies_in(message))
    return "; ".join(filter(None, said))[:LONGEST_SENTENCE]


def _error(element: Element) -> Error:
    code = element.text("code", "errorcode")
    level = element.text("level", "severity")
    texts = (code, level, element.text("reason"), element.text("details", "detail", "message"))
    said = " ".join(filter(None, texts)) or (element.own_text if element.is_leaf else "")
    named = [each for name in _NAMING for each in element.all(name)]
    ids = [text for each in named[: _MOST_NAMES + 1] for text in _texts(each)]
    operations, xpaths = (
        tuple(filter(None, (each.own_text for each in element.all(name))))
        for name in ("operationid", "xpath")
    )
    if len(ids) > _MOST_NAMES:
        # An error that names this many subjects may mean more: it counts as one that names nothing.
        ids, operations, xpaths = [], (), ()
    return Error(
        element,
        without_secrets(clipped(said, LONGEST_SENTENCE)),
        code,
        level.lower(),
        tuple(ids),
        operations,
        xpaths,
    )


def _texts(element: Element) -> list[str]:
    """What names something in an ID or a device: its text, or its fields and names; not a transaction's id."""
    if element.attribute("kind").lower() == "transaction":
        return []
    if element.own_text:
        return [element.own_text]
    names = [name.value for name in names_in(element)]
    fields = (child.own_text for child in element if child.is_leaf and child.name != "names")
    return [text for text in (*names, *fields) if text][:_MOST_NAMES]
