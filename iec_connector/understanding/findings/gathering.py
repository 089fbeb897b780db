"""Findings become reports and problems, numbered in document order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from iec_connector.understanding.findings.statement import PassedOver
from iec_connector.understanding.identifiers import Identifier, spelled
from iec_connector.understanding.naming.networks import network_of_device
from iec_connector.understanding.nouns import Verb, verb_of
from iec_connector.understanding.report import (
    Configuration,
    DeviceEvent,
    Linkage,
    Origin,
    Report,
)
from iec_connector.understanding.times import is_clock_start
from iec_connector.understanding.understood import Understood
from iec_connector.understanding.unreadable import Problem, Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.report_id import ReportIds
    from iec_connector.understanding.findings.statement import Statement
    from iec_connector.understanding.header import Header
    from iec_connector.understanding.identifiers import Spelling
    from iec_connector.understanding.report import Content
    from iec_connector.understanding.source import Source

MOST_PROBLEMS = 100
"""How many problems of one message are listed; further ones are only counted."""


@dataclass(slots=True, kw_only=True)
class Gathering:
    """Reports and problems of one message as they come up."""

    source: Source
    header: Header
    network: str
    received_at: datetime
    ids: ReportIds
    message_id: str
    reports: list[Report] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)

    def take(self, findings: Iterable[tuple[Part, Statement] | Unreadable | PassedOver]) -> None:
        """Number the findings, and make reports and problems of them."""
        index = -1
        for finding in findings:
            if isinstance(finding, PassedOver):
                self.passed_over[finding.what] = self.passed_over.get(finding.what, 0) + 1
                continue
            index += 1
            if index >= self.source.limits.reports:
                raise Unreadable(
                    Reason.TOO_MANY_REPORTS,
                    f"the message holds more than {self.source.limits.reports} reports",
                )
            if isinstance(finding, Unreadable):
                self._add_problem(finding, index)
                continue
            part, statement = finding
            try:
                self.reports.append(self._report(part, statement, index))
                if statement.moment.wrong is not None:
                    # Beside its report: a date spoils only itself.
                    self._add_problem(statement.moment.wrong, index)
            except Unreadable as unreadable:
                self._add_problem(
                    Unreadable(unreadable.reason, unreadable.detail, at=statement.element), index
                )

    def understood(self) -> Understood:
        """What has come together.

        Raises:
            Unreadable: there is no report, but a problem.
        """
        untold = self.problem_count - len(self.problems)
        if untold:
            last = self.problems[-1]
            self.problems[-1] = Problem(
                reason=last.reason,
                detail=f"{last.detail} (and {untold} more parts with problems)",
                place=last.place,
                index=last.index,
            )
        if self.problems and not self.reports:
            first = self.problems[0]
            others = self.problem_count - 1
            more = f" (and {others} more parts with problems)" if others else ""
            raise Unreadable(first.reason, first.detail + more, place=first.place)
        return Understood(
            header=self.header,
            network=self.network,
            reports=tuple(self.reports),
            problems=tuple(self.problems),
            passed_over=dict(self.passed_over),
        )

    def _add_problem(self, what: Unreadable, index: int) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(
                Problem(reason=what.reason, detail=what.detail, place=what.place, index=index)
            )

    def _report(self, part: Part, statement: Statement, index: int) -> Report:
        network = network_of_device(self.source.network, self.network, statement.identity)
        identity = statement.identity
        header = self.header
        identifiers = _spelled(identity.identifiers, self.source)
        occurred_at, stated_at = self._occurred(statement)
        takes_effect = statement.moment.takes_effect and occurred_at == statement.moment.at
        return Report(
            # As written: so a later change of the spelling does not give redelivered messages other report ids.
            report_id=self.ids.id_of(
                network, identity.identifier, statement.content, statement.moment
            ),
            network=network,
            device_identifier=spelled(identity.identifier, self.source.identifier_spelling),
            identifiers=identifiers,
            nil_identifiers=identity.nil_values,
            received_at=self.received_at,
            occurred_at=occurred_at,
            zone_assumed=statement.moment.zone_assumed and occurred_at == statement.moment.at,
            stated_at=stated_at,
            said_at=self._said_at(statement) if takes_effect else None,
            plan_withdrawn=takes_effect and verb_of(part.verb) is Verb.CANCELED,
            origin=Origin(
                source=self.source.name,
                message_id=self.message_id,
                correlation_id=header.correlation_id,
                verb=part.verb,
                noun=part.written_noun,
                message_at=header.timestamp,
                index=index,
            ),
            content=_parent_spelled(statement.content, self.source.identifier_spelling),
        )

    def _occurred(self, statement: Statement) -> tuple[datetime | None, datetime | None]:
        """Return when it happened, and the time of a clock that is not trusted.

        Without a time of its own, a statement holds from when it was said: from Header/Timestamp. By the time of
        receipt, a message that waited in the broker or the quarantine would overrule newer ones. An event of a
        device that does not know the time ("never" too) gets none: its time is unknown.
        """
        at, stated_at = statement.moment.at, statement.moment.stated_at
        starts = self.source.clock_starts
        if at is not None and is_clock_start(at, starts):
            at, stated_at = None, at
        elif at is not None:
            return at, None
        said_at = self.header.timestamp
        if said_at is not None and not is_clock_start(said_at, starts):
            undated_event = stated_at is not None and isinstance(statement.content, DeviceEvent)
            at = None if undated_event else said_at
        return at, stated_at

    def _said_at(self, statement: Statement) -> datetime:
        """When something was said that takes effect at a date of its own."""
        starts = self.source.clock_starts
        told = (statement.moment.said_at, self.header.timestamp)
        believed = (at for at in told if at is not None and not is_clock_start(at, starts))
        return next(believed, self.received_at)


def _parent_spelled(content: Content, spelling: Sequence[Spelling]) -> Content:
    """``content``, with its parent called as that device is called by its own messages."""
    if isinstance(content, Configuration | Linkage) and content.parent and spelling:
        return replace(content, parent=spelled(content.parent, spelling))
    return content


def _spelled(identifiers: Iterable[Identifier], source: Source) -> tuple[Identifier, ...]:
    spelling, telling = source.identifier_spelling, source.identifying_schemes
    if not spelling:
        return tuple(
            Identifier(each.scheme, each.value, identifies=True) if each.scheme in telling else each
            for each in identifiers
        )
    return tuple(
        dict.fromkeys(
            Identifier(each.scheme, spelled(each.value, spelling), each.scheme in telling)
            for each in identifiers
        )
    )
