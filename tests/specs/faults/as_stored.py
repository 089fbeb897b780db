"""What databases hold when nothing was lost and nothing came twice: made of a ledger, without any service."""

from datetime import UTC, datetime
from typing import Any

from faults.checking.check import FACETS
from faults.checking.found import Commit, Event, Found, PutAside, Shown
from faults.ledger.ledger import Ledger, in_order
from faults.ledger.traffic import Statement, Traffic
from hes_simulator.expectation.facts import Kind

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
RULES = {
    "tamper-detected": ("tamper", "DETECTED"),
    "firmware-failed": ("firmware", "FAILED"),
    "error-state": ("lifecycle", "ERROR"),
    "power-lost": ("power", "OFF"),
}


def traffic(seed: int = 1, *, devices: int = 20, messages: int = 400) -> Traffic:
    return Traffic(seed=seed, devices=devices, messages=messages, began_at=NOON)


def taken(said: Traffic) -> Ledger:
    """Return the ledger when the broker has all of it, and two probes."""
    ledger = Ledger(said)
    for place in range(said.messages):
        for number in said.published_at(place):
            ledger.take(said.message(number))
    for number in range(said.messages, said.messages + 2):
        ledger.take(said.message(number))
    return ledger


def as_said(ledger: Ledger) -> Found:
    """Return what must be found."""
    expected = {
        device_id: {name: value for name, value in facets.items() if name in FACETS}
        for device_id, facets in ledger.expected().items()
    }
    commits = {
        device_id: [
            _commit(statement, revision, expected[device_id])
            for revision, statement in enumerate(statements, start=1)
        ]
        for device_id, statements in in_order(ledger.statements).items()
    }
    heads = {device_id: len(held) for device_id, held in commits.items()}
    return Found(
        commits=commits,
        heads=heads,
        shown={
            device_id: Shown(revision=revision, facets=expected[device_id])
            for device_id, revision in heads.items()
        },
        entries={
            device_id: {
                (commit.revision, index): event
                for commit in held
                for index, event in enumerate(commit.events)
            }
            for device_id, held in commits.items()
        },
        alarms=tuple(
            (device_id, rule)
            for device_id, facets in expected.items()
            for rule, (facet, value) in RULES.items()
            if facets.get(facet) == value
        ),
        put_aside=tuple(
            PutAside(quarantine_id=f"q-{name}", reason="XML_MALFORMED", names=frozenset({name}))
            for name in ledger.planted
        ),
    )


def _commit(statement: Statement, revision: int, facets: dict[str, str]) -> Commit:
    fact = statement.fact
    event = Event(fact.code, fact.occurred_at) if fact.kind is Kind.EVENT else Event()
    return Commit(
        device_id=statement.device_id,
        revision=revision,
        report_id=f"report-{statement.number}",
        message_id=statement.message_id,
        events=(event,),
        facets=facets,
    )


def documents_of(found: Found) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return it as documents, by database and collection, in the shapes in which the services store it."""
    return {
        ("device_hub", "commits"): [
            {
                "device_id": one.device_id,
                "revision": one.revision,
                "report_id": one.report_id,
                "origin": {"message_id": one.message_id},
                "events": [_event(event, "at") for event in one.events],
                "after": _facets(one.facets),
            }
            for held in found.commits.values()
            for one in held
        ],
        ("device_hub", "heads"): [
            {"_id": device_id, "revision": revision} for device_id, revision in found.heads.items()
        ],
        ("device_hub", "quarantine"): [
            {
                "_id": one.quarantine_id,
                "reason": one.reason,
                "message_id": "",
                "body": f"<broken {' '.join(one.names)}".encode(),
            }
            for one in found.put_aside
        ],
        ("smoc", "devices"): [
            {"_id": device_id, "revision": one.revision, **_facets(one.facets)}
            for device_id, one in found.shown.items()
        ],
        ("smoc", "timeline"): [
            {
                "_id": {"device_id": device_id, "revision": revision, "index": index},
                **_event(event, "occurred_at"),
            }
            for device_id, entries in found.entries.items()
            for (revision, index), event in entries.items()
        ],
        ("smoc", "alarms"): [
            {
                "_id": f"{device_id} {rule}",
                "subject": device_id,
                "device_id": device_id,
                "rule": rule,
                "unresolved": True,
            }
            for device_id, rule in found.alarms
        ],
    }


def _event(event: Event, time: str) -> dict[str, Any]:
    return {"code": event.code, time: event.at} if event.code else {time: NOON}


def _facets(facets: Any) -> dict[str, Any]:
    return {name: {"value": value} for name, value in facets.items()}
