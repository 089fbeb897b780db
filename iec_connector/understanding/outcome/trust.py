"""What of a message may be taken for a fact, as far as the sender's replies tell.

| reply | what is taken |
| --- | --- |
| none, or OK | everything; but not what a FATAL or CATASTROPHIC error names |
| PARTIAL | what no error names. When an error names nothing, or there is none: nothing, for nobody knows what failed |
| PARTIAL with a code 0.x and no failure | everything: what is missing comes in other messages |
| FAILED, received but not done (code 0.3), or a word that is not known | nothing |
| no result, but an error that is a failure | nothing |

Of EndDeviceControls, failing is the fact itself: what failed becomes of the order.

A reply with an operationId speaks of that operation alone, unless the set is to be done as a whole
(``enforceTransactionalIntegrity``): then one failure is everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from iec_connector.understanding.outcome.naming import (
    Path,
    Places,
    identifications,
    leads_to,
    path_of,
    plain_id,
)
from iec_connector.understanding.outcome.reply import (
    WARNING,
    Error,
    Reply,
    Result,
    replies_in,
)
from iec_connector.understanding.report import ControlOutcome
from iec_connector.understanding.report import Outcome as OfOrder
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.parts import Part
    from iec_connector.understanding.statement import PassedOver, Statement

    Told = tuple[Part, Statement] | Unreadable | PassedOver

_MOST_PATHS = 20
"""Errors that are looked for by a path; of more it is not known what they are about."""

_GRAVE = frozenset({"fatal", "catastrophic", "error", "critical"})
_TRUE = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True)
class _Failure:
    """Something that failed: an error with what it names, or an operation (``error`` is ``None`` then)."""

    sentence: str
    element: Element
    operations: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    paths: tuple[Path, ...] = ()

    def is_within(self, part: Part) -> bool:
        """Whether it may be about the part: of its operation, or of none."""
        return not self.operations or part.operation in self.operations


class _Looking:
    """Which failures are about a statement: found by its identifications, and by where it stands."""

    def __init__(self, failures: list[_Failure]) -> None:
        self._failures = failures
        self._by_id: dict[str, list[int]] = {}
        self._places = Places()
        for number, failure in enumerate(failures):
            for each in failure.ids:
                self._by_id.setdefault(each, []).append(number)
        self._unnamed = [n for n, each in enumerate(failures) if not (each.ids or each.paths)]
        self._by_path = [n for n, each in enumerate(failures) if each.paths]

    def concerning(self, part: Part, statement: Statement) -> set[int]:
        """The numbers of the failures."""
        failures = self._failures
        numbers = {
            number
            for known in map(plain_id, identifications(part, statement))
            for number in self._by_id.get(known, ())
        }
        if self._by_path:
            own = self._places.steps_to(statement.element.node)
            numbers |= {
                number
                for number in self._by_path
                if any(leads_to(path, own) for path in failures[number].paths)
            }
        # Without a name it is about all of its operation.
        numbers |= {number for number in self._unnamed if failures[number].operations}
        return {number for number in numbers if failures[number].is_within(part)}


@dataclass(slots=True)
class Outcome:
    """What the sender says became of the message and its parts."""

    replies: list[Reply] = field(default_factory=list)
    failures: list[_Failure] = field(default_factory=list)
    whole: Reply | None = None

    @property
    def sentence(self) -> str:
        """Results and errors, for a person."""
        return "; ".join(filter(None, (reply.sentence for reply in self.replies)))[:500]

    def hear(self, message: Element) -> None:
        """Add what the replies in ``message`` say."""
        for reply in replies_in(message):
            self.replies.append(reply)
            errors, all_of_it = _failures_of(reply)
            if not errors and not all_of_it:
                continue
            if (all_of_it and not reply.operation) or _is_done_together(message):
                self.whole = self.whole or reply
            elif all_of_it:
                operation = frozenset({reply.operation})
                self.failures.append(_Failure(reply.sentence, reply.element, operation))
            else:
                self.failures += [_failure(error, reply) for error in errors]

    def require_success(self, *, controls: bool = False) -> None:
        """Raise when nothing of the message may be taken for a fact.

        ``controls``: it speaks of nothing but orders, of which a failure is one.

        Raises:
            Unreadable: ``NOT_A_REPORT``, with the sender's errors.
        """
        if self.whole is None or (controls and self.whole.result is Result.FAILED):
            return
        raise self._nothing(self.whole)

    def applied(self, told: Iterable[Told]) -> Iterator[Told]:
        """``told`` without what failed, which becomes a problem with the sender's error.

        Raises:
            Unreadable: ``NOT_A_REPORT``: an error leads to nothing in the message.
        """
        if self.whole is not None:
            orders = [
                _control_failed(each, self.sentence) if isinstance(each, tuple) else each
                for each in told
            ]
            if not any(isinstance(each, tuple) for each in orders):
                raise self._nothing(self.whole)
            yield from orders
            return
        if not self.failures:
            yield from told
            return
        found: set[int] = set()
        concerned: list[Told] = []
        operations = False
        looking = _Looking(self.failures)
        for each in told:
            if not isinstance(each, tuple):
                concerned.append(each)
                continue
            part, statement = each
            operations = operations or bool(part.operation)
            numbers = looking.concerning(part, statement)
            found.update(numbers)
            concerned.append(
                _failed(self.failures[min(numbers)], statement.element) if numbers else each
            )
        for number, failure in enumerate(self.failures):
            if number in found:
                continue
            if not failure.ids and (failure.paths or not operations):
                raise Unreadable(
                    Reason.NOT_A_REPORT,
                    "an answer that is no fact: an error leads to nothing in this message, so that"
                    f" it is not known what failed: {failure.sentence}",
                    at=failure.element,
                )
            # What it names is not in the message: told, so that it is not lost.
            concerned.append(_failed(failure, failure.element))
        yield from concerned

    def _nothing(self, reply: Reply) -> Unreadable:
        what = {
            Result.PARTIAL: "it failed in part, and its errors do not say in which",
            Result.RECEIVED: "it was received, which does not say that it was done",
            Result.UNKNOWN: "its result is not a known word",
        }.get(reply.result, "it failed")
        return Unreadable(
            Reason.NOT_A_REPORT,
            f"an answer that is no fact: {what}: {self.sentence or 'without reason'}",
            at=reply.element,
        )


def outcome_of(message: Element) -> Outcome:
    """What the replies in ``message`` say."""
    outcome = Outcome()
    outcome.hear(message)
    return outcome


def _failures_of(reply: Reply) -> tuple[list[Error], bool]:
    """The errors by which something failed, and whether everything did."""
    failed = [error for error in reply.errors if error.is_failure]
    match reply.result:
        case Result.FAILED | Result.RECEIVED | Result.UNKNOWN:
            return [], True
        case Result.UNSAID:
            return [], any(error.level not in WARNING for error in failed)
        case Result.OK:
            failed = [error for error in failed if error.level in _GRAVE]
        case Result.PARTIAL:
            complete = any(error.code.startswith("0.") for error in reply.errors)
            if not failed and not complete:
                return [], True
    by_path = sum(bool(each.xpaths) for each in failed)
    unnamed = any(not (each.ids or each.operations or _paths(each)) for each in failed)
    return failed, unnamed or by_path > _MOST_PATHS


def _failure(error: Error, reply: Reply) -> _Failure:
    operations = error.operations or ((reply.operation,) if reply.operation else ())
    paths = _paths(error)
    return _Failure(
        error.text or reply.sentence,
        error.element,
        frozenset(operations),
        frozenset(map(plain_id, error.ids)) | {each for path in paths for each in path.ids},
        tuple(path for path in paths if not path.ids),
    )


def _paths(error: Error) -> tuple[Path, ...]:
    return tuple(path for xpath in error.xpaths if (path := path_of(xpath)) is not None)


def _is_done_together(message: Element) -> bool:
    """Whether the operations of the message are to be done all or none."""
    holders = [*message.all("payload"), message]
    return any(
        each.text("enforcetransactionalintegrity").lower() in _TRUE
        for holder in holders
        for each in holder.all("operationset")
    )


def _failed_of(failure: _Failure, told: tuple[Part, Statement]) -> Told:
    _, statement = told
    if isinstance(statement.content, ControlOutcome):
        return _control_failed(told, failure.sentence)
    return _failed(failure, statement.element)


def _control_failed(told: tuple[Part, Statement], sentence: str) -> tuple[Part, Statement]:
    """What became of an order by the sender's answer to it; who asks for it may say why it was given."""
    part, statement = told
    content = statement.content
    if not isinstance(content, ControlOutcome):
        return told
    failed = replace(content, outcome=OfOrder.FAILED, reason=sentence or content.reason)
    return part, replace(statement, content=failed)


def _failed(failure: _Failure, at: Element) -> Unreadable:
    return Unreadable(
        Reason.NOT_A_REPORT,
        f"the sender says that it failed: {failure.sentence or 'without reason'}",
        at=at,
    )
