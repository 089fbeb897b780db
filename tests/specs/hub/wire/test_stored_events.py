"""What an auditor reads of a stored event: all of it, but secrets."""

import json
from datetime import UTC, datetime

import pytest

from device_hub.wire.stored_events import LEFT_OUT, LONGEST, stored_text

STORED = {
    "name": "power-lost.1",
    "code": "3.26.0.85",
    "at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "details": {"Phase": "L1", "note": "a key was turned"},
    "identifiers": [{"scheme": "mrid", "value": "5950c473"}],
}


def test_a_stored_event_is_read_as_it_lies_in_the_journal() -> None:
    read = json.loads(stored_text(STORED))
    assert read == {**STORED, "at": "2026-03-01T12:00:00+00:00"}


@pytest.mark.parametrize(
    "name",
    ["password", "AdminPassword", "encryption_key", "authenticationKey", "PIN", "accessToken"],
)
def test_what_is_called_a_secret_is_left_out_however_deep_it_lies(name: str) -> None:
    text = stored_text({"name": "configured.1", "part": {"details": [{name: "1234"}]}})
    assert "1234" not in text
    assert json.loads(text)["part"]["details"] == [{name: LEFT_OUT}]


def test_an_empty_secret_says_that_it_is_empty() -> None:
    assert json.loads(stored_text({"password": ""})) == {"password": ""}


def test_a_long_event_is_cut() -> None:
    assert len(stored_text({"text": "x" * 100_000})) == LONGEST
