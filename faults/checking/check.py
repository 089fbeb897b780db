"""The comparison. Pure: a ledger and what was found go in, findings come out.

* LOST: the broker took it, and the journal does not hold it; a revision is missing; poison is not in the quarantine;
  a message still waits in a queue.
* DOUBLED: held twice, or said by nobody.
* MISORDERED: the journal holds what was said of a device in another order.
* DIVERGED: register, timeline, head or alarms say something else than the journal, or than follows from the ledger.
* WRONGLY_QUARANTINED: put aside, or dead-lettered, though nothing was wrong with it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from faults.ledger.ledger import in_order
from hes_simulator.expectation.facts import Kind as Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faults.checking.found import Commit, Found
    from faults.ledger.ledger import Ledger
    from faults.ledger.traffic import Statement


class Wrong(StrEnum):
    """What is wrong."""

    LOST = "lost"
    DOUBLED = "doubled"
    MISORDERED = "misordered"
    DIVERGED = "diverged"
    WRONGLY_QUARANTINED = "wrongly quarantined"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; ``where`` is a device, a message or a queue."""

    wrong: Wrong
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.wrong}: {self.where}: {self.what}"


# The facets that journal, register and ledger all know.
FACETS: Final = ("lifecycle", "power", "switch", "communication", "tamper", "firmware")
_UNKNOWN: Final = "UNKNOWN"
# The rules of alarms whose cause needs no waiting here: (facet, value). Told again here, so that a mistake is seen.
_ALARMS: Final[Mapping[str, tuple[str, str]]] = {
    "tamper-detected": ("tamper", "DETECTED"),
    "firmware-failed": ("firmware", "FAILED"),
    "error-state": ("lifecycle", "ERROR"),
    "power-lost": ("power", "OFF"),
}


def check(ledger: Ledger, found: Found, *, alone: bool) -> list[Finding]:
    """Return everything that is wrong; ``alone``: nobody else has ever said anything to this stack."""
    findings: list[Finding] = []
    expected = ledger.expected()
    said = in_order(ledger.statements)
    for device_id, statements in said.items():
        commits = sorted(found.commits.get(device_id, ()), key=lambda each: each.revision)
        findings += _journal(device_id, statements, commits)
        findings += _register(device_id, commits, found)
        findings += _meaning(device_id, expected.get(device_id, {}), found)
    if alone:
        for device_id in sorted({*found.commits, *found.shown} - said.keys()):
            findings.append(Finding(Wrong.DOUBLED, device_id, "nobody ever spoke of it"))
    findings += _quarantine(ledger, found, alone=alone)
    if found.queued:
        findings.append(
            Finding(Wrong.LOST, "queue", f"{found.queued} messages still wait in the queue")
        )
    if alone and found.dead > len(ledger.planted):
        findings.append(
            Finding(
                Wrong.WRONGLY_QUARANTINED,
                "dead-letter queue",
                f"{found.dead} messages, but only {len(ledger.planted)} cannot be read",
            )
        )
    return findings


def counted(findings: Sequence[Finding]) -> dict[Wrong, int]:
    """Return how many findings there are of each kind."""
    counts = Counter(finding.wrong for finding in findings)
    return {wrong: counts[wrong] for wrong in Wrong}


def _journal(
    device_id: str, statements: Sequence[Statement], commits: Sequence[Commit]
) -> Iterator[Finding]:
    of_message: dict[str, list[Commit]] = {}
    for commit in commits:
        if commit.message_id:
            of_message.setdefault(commit.message_id, []).append(commit)
    for statement in statements:
        held = of_message.pop(statement.message_id, [])
        name = f"message {statement.number} ({statement.message_id})"
        if not held and statement.leaves_trace:
            yield Finding(Wrong.LOST, device_id, f"{name} has no commit")
        if len(held) > 1:
            revisions = ", ".join(str(commit.revision) for commit in held)
            yield Finding(Wrong.DOUBLED, device_id, f"{name} was committed as {revisions}")
        if held:
            yield from _content(device_id, name, statement, held[0])
    for message_id, held in of_message.items():
        yield Finding(
            Wrong.DOUBLED,
            device_id,
            f"revision {held[0].revision} names message {message_id}, which does not speak of it",
        )
    yield from _revisions(device_id, commits)
    yield from _order(device_id, statements, commits)


def _content(device_id: str, name: str, statement: Statement, commit: Commit) -> Iterator[Finding]:
    fact = statement.fact
    if fact.kind is not Said.EVENT:
        return
    stated = (fact.code, fact.occurred_at)
    held = [(event.code, event.at) for event in commit.events]
    if stated not in held:
        yield Finding(Wrong.DIVERGED, device_id, f"{name} said {stated}, the journal holds {held}")


def _revisions(device_id: str, commits: Sequence[Commit]) -> Iterator[Finding]:
    revisions = Counter(commit.revision for commit in commits)
    reports = Counter(commit.report_id for commit in commits)
    for revision in range(1, max(revisions, default=0) + 1):
        if not revisions[revision]:
            yield Finding(Wrong.LOST, device_id, f"revision {revision} is missing")
    for revision, count in revisions.items():
        if count > 1:
            yield Finding(Wrong.DOUBLED, device_id, f"revision {revision} is there {count} times")
    for report_id, count in reports.items():
        if count > 1:
            yield Finding(Wrong.DOUBLED, device_id, f"report {report_id} counts {count} times")


def _order(
    device_id: str, statements: Sequence[Statement], commits: Sequence[Commit]
) -> Iterator[Finding]:
    numbers = {statement.message_id: statement.number for statement in statements}
    newest = -1
    seen: set[int] = set()
    for commit in commits:
        number = numbers.get(commit.message_id)
        if number is None or number in seen:
            continue
        seen.add(number)
        if number < newest:
            yield Finding(
                Wrong.MISORDERED,
                device_id,
                f"revision {commit.revision} is message {number}, behind message {newest}",
            )
        newest = max(newest, number)


def _register(device_id: str, commits: Sequence[Commit], found: Found) -> Iterator[Finding]:
    if not commits:
        return
    last = commits[-1]
    if (head := found.heads.get(device_id)) != last.revision:
        yield Finding(
            Wrong.DIVERGED, device_id, f"its head is at {head}, its journal at {last.revision}"
        )
    shown = found.shown.get(device_id)
    if shown is None:
        yield Finding(Wrong.DIVERGED, device_id, "the register does not have it")
        return
    if shown.revision != last.revision:
        yield Finding(
            Wrong.DIVERGED,
            device_id,
            f"the register is at {shown.revision}, the journal at {last.revision}",
        )
    for facet in FACETS:
        journal = last.facets.get(facet, _UNKNOWN)
        register = shown.facets.get(facet, _UNKNOWN)
        if journal != register:
            yield Finding(
                Wrong.DIVERGED,
                device_id,
                f"{facet} is {register} in the register, {journal} in the journal",
            )
    yield from _timeline(device_id, commits, found)


def _timeline(device_id: str, commits: Sequence[Commit], found: Found) -> Iterator[Finding]:
    due = {
        (commit.revision, index): event
        for commit in commits
        for index, event in enumerate(commit.events)
    }
    entries = found.entries.get(device_id, {})
    for place in sorted(due.keys() - entries.keys()):
        yield Finding(Wrong.DIVERGED, device_id, f"its timeline has no entry {place}")
    for place in sorted(entries.keys() - due.keys()):
        yield Finding(Wrong.DIVERGED, device_id, f"its timeline has an entry {place} too many")
    for place in sorted(due.keys() & entries.keys()):
        if due[place] != entries[place]:
            yield Finding(
                Wrong.DIVERGED,
                device_id,
                f"its timeline says {entries[place]} at {place}, the journal {due[place]}",
            )


def _meaning(device_id: str, expected: Mapping[str, str], found: Found) -> Iterator[Finding]:
    """Compare what is shown with what follows from the ledger alone."""
    shown = found.shown.get(device_id)
    if shown is None:
        return
    for facet in FACETS:
        if facet in expected and shown.facets.get(facet, _UNKNOWN) != expected[facet]:
            yield Finding(
                Wrong.DIVERGED,
                device_id,
                f"{facet} is {shown.facets.get(facet)}, {expected[facet]} by what was said",
            )
    raised = Counter(rule for of, rule in found.alarms if of == device_id)
    for rule, (facet, value) in _ALARMS.items():
        due = 1 if expected.get(facet) == value else 0
        if raised[rule] != due:
            yield Finding(
                Wrong.DIVERGED, device_id, f"{raised[rule]} alarms {rule}, {due} by what was said"
            )


def _quarantine(ledger: Ledger, found: Found, *, alone: bool) -> Iterator[Finding]:
    times: Counter[str] = Counter()
    for one in found.put_aside:
        ours = sorted(one.names & ledger.messages)
        poison = [name for name in ours if name in ledger.planted]
        times.update(poison)
        if not poison and (ours or alone):
            name = ours[0] if ours else one.quarantine_id
            yield Finding(Wrong.WRONGLY_QUARANTINED, name, one.reason)
    for message_id, why in ledger.planted.items():
        if not times[message_id]:
            yield Finding(Wrong.LOST, message_id, f"is not in the quarantine, but {why}")
        if times[message_id] > 1:
            yield Finding(
                Wrong.DOUBLED, message_id, f"lies {times[message_id]} times in the quarantine"
            )
