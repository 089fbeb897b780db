"""Events that are closed, canceled or deleted: what they announced is over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iec_connector.understanding import DeviceEvent, Meaning
from tests.specs.connector.understanding.samples import event, events, message, only, read

SENT = "<Timestamp>2026-02-28T10:00:00Z</Timestamp>"


def ended(
    code: str = "3.26.0.85", verb: str = "closed", more: str = "", sent: str = SENT
) -> DeviceEvent:
    kind = f'<EndDeviceEventType ref="{code}"/>'
    content = only(read(message(events(event(kind=kind, more=more)), verb=verb, more=sent))).content
    assert isinstance(content, DeviceEvent)
    return content


@pytest.mark.parametrize("verb", ["closed", "close", "CLOSED", "canceled", "cancelled", "deleted"])
def test_what_an_ended_event_announced_is_cleared(verb: str) -> None:
    content = ended("3.12.43.257", verb)
    assert (content.code, content.meaning) == ("3.12.43.257", Meaning.TAMPER_CLEARED)
    assert content.details["ended"] == verb
    assert content.ended == verb


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("3.26.0.85", Meaning.POWER_RESTORED),
        ("3.26.126.85", Meaning.PHASE_RESTORED),
        ("3.1.0.85", Meaning.COMMUNICATION_ESTABLISHED),
        ("3.36.0.35", Meaning.FAULT_CLEARED),
        ("3.26.0.216", Meaning.NOTED),
        ("3.31.0.68", Meaning.NOTED),
        ("3.11.283.4", Meaning.NOTED),
        ("3.99.99.99", Meaning.NOTED),
    ],
)
def test_what_has_no_counterpart_is_only_noted(code: str, meaning: Meaning) -> None:
    assert ended(code).meaning is meaning


@pytest.mark.parametrize(
    ("more", "sent", "hour"),
    [
        ("", SENT, 10),
        ("<status><dateTime>2026-02-28T09:30:00Z</dateTime></status>", SENT, 9),
        ("<closedDateTime>2026-02-28T09:30:00Z</closedDateTime>", SENT, 9),
        ("<status><dateTime>2026-02-27T00:00:00Z</dateTime></status>", SENT, 10),
        ("", "", 9),
        ("", "<Timestamp>2026-02-28T03:00:00Z</Timestamp>", 9),
    ],
)
def test_it_ended_when_it_says_else_when_it_was_said_and_never_before_it_began(
    more: str, sent: str, hour: int
) -> None:
    # It began at 09:15.
    report = only(read(message(events(event(more=more)), verb="closed", more=sent)))
    assert report.occurred_at is not None
    assert report.occurred_at.hour == hour
    assert report.occurred_at >= datetime(2026, 2, 28, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verb", "status", "meaning"),
    [
        ("changed", "Closed", Meaning.TAMPER_CLEARED),
        ("change", "alarm.cleared", Meaning.TAMPER_CLEARED),
        ("changed", "open", Meaning.TAMPER_DETECTED),
        ("created", "closed", Meaning.TAMPER_DETECTED),
    ],
)
def test_the_status_of_a_changed_event_tells_its_end(
    verb: str, status: str, meaning: Meaning
) -> None:
    content = ended("3.12.43.257", verb, f"<status><value>{status}</value></status>")
    assert content.meaning is meaning
    assert bool(content.ended) == (meaning is Meaning.TAMPER_CLEARED)
