"""Which parts of a message count as facts, by the sender's replies.

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

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iec_connector.understanding.envelope.reply import (
    WARNING,
    Error,
    Reply,
    Result,
    replies_in,
)
from iec_connector.understanding.outcome.controls import is_order, order_failed
from iec_connector.understanding.outcome.failures import (
    MOST_PATHS,
    Failure,
    Looking,
    failure_of,
    paths_in,
)
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Found, Part
    from iec_connector.understanding.findings.statement import PassedOver, Statement

    Told = tuple[Part, Statement] | Unreadable | PassedOver

_GRAVE = frozenset({"fatal", "catastrophic", "error", "critical"})
# UNSAID: no result, but an error that is a failure.
_ALL_FAILED = (Result.FAILED, Result.UNSAID)
_TRUE = frozenset({"true", "1", "yes"})


@dataclass(slots=True)
class Outcome:
    """What the sender says became of the message and its parts."""

    replies: list[Reply] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    whole: Reply | None = None
    orders_failed: bool = False

    @property
    def sentence(self) -> str:
        """Results and errors, as a text for operators."""
        return "; ".join(filter(None, (reply.sentence for reply in self.replies)))[:500]

    def hear(self, message: Element) -> None:
        """Add what the replies in ``message`` say."""
        for reply in replies_in(message):
            self.replies.append(reply)
            errors, all_of_it = _failures_of(reply)
            if not errors and not all_of_it:
                continue
            together = _is_done_together(message)
            if (all_of_it and not reply.operation) or together:
                if self.whole is None:
                    self.whole = reply
                    self.orders_failed = together or reply.result in _ALL_FAILED
            elif all_of_it:
                operation = frozenset({reply.operation})
                self.failures.append(Failure(reply.sentence, reply.element, operation))
            else:
                self.failures += [failure_of(error, reply) for error in errors]

    def require_success(self, found: Iterable[Found] = ()) -> None:
        """Raise when nothing of the message may be taken for a fact: ``found`` is what it carries.

        Raises:
            Unreadable: ``NOT_A_REPORT``, with the sender's errors.
        """
        if self.whole is not None and not (self.orders_failed and any(map(is_order, found))):
            raise self._nothing(self.whole)

    def applied(self, findings: Iterable[Told]) -> Iterator[Told]:
        """``findings`` without what failed, which becomes a problem with the sender's error.

        Raises:
            Unreadable: ``NOT_A_REPORT``: an error leads to nothing in the message.
        """
        if self.whole is not None:
            yield from self._told_of_orders(self.whole, findings)
            return
        if not self.failures:
            yield from findings
            return
        found: set[int] = set()
        concerned: list[Told] = []
        operations = False
        looking = Looking(self.failures)
        for each in findings:
            if not isinstance(each, tuple):
                concerned.append(each)
                continue
            part, statement = each
            operations = operations or bool(part.operation)
            numbers = looking.concerning(part, statement)
            found.update(numbers)
            concerned.append(_failed_in(each, self.failures[min(numbers)]) if numbers else each)
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
            # It names something that is not in the message: report it, so that it is not lost.
            concerned.append(_failed(failure, failure.element))
        yield from concerned

    def _told_of_orders(self, reply: Reply, findings: Iterable[Told]) -> Iterator[Told]:
        """What became of the controls of a message that is no success; everything else is a problem.

        Raises:
            Unreadable: ``NOT_A_REPORT``, with the sender's errors: nothing of it is about a control.
        """
        why = self._nothing(reply)
        concerned: list[Told] = []
        known = False
        for each in findings:
            if not isinstance(each, tuple):
                concerned.append(each)
                continue
            part, statement = each
            order = order_failed(part, statement, self.sentence)
            known = known or order is not None
            concerned.append(_at(why, statement.element) if order is None else (part, order))
        if not known:
            raise why
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
    unnamed = any(not (each.ids or each.operations or paths_in(each)) for each in failed)
    return failed, unnamed or by_path > MOST_PATHS


def _is_done_together(message: Element) -> bool:
    """Whether the operations of the message are to be done all or none."""
    holders = [*message.all("payload"), message]
    return any(
        each.text("enforcetransactionalintegrity").lower() in _TRUE
        for holder in holders
        for each in holder.all("operationset")
    )


def _failed_in(finding: tuple[Part, Statement], failure: Failure) -> Told:
    """What failed, as what became of an order, else as a problem."""
    part, statement = finding
    known = order_failed(part, statement, failure.sentence)
    return _failed(failure, statement.element) if known is None else (part, known)


def _at(why: Unreadable, element: Element) -> Unreadable:
    return Unreadable(why.reason, why.detail, at=element)


def _failed(failure: Failure, at: Element) -> Unreadable:
    return Unreadable(
        Reason.NOT_A_REPORT,
        f"the sender says that it failed: {failure.sentence or 'without reason'}",
        at=at,
    )
