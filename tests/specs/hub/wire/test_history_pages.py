"""A device's history in pages that are bounded in number and in bytes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from device_hub.wire.devices import history_page

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def commits(count: int) -> list[dict[str, Any]]:
    return [
        {"revision": n, "report_id": "r" * 64, "committed_at": NOON, "events": [], "origin": None}
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("most_bytes", [1, 100, 200, 10_000])
def test_every_entry_is_shown_once_whatever_fits_into_a_page(most_bytes: int) -> None:
    shown: list[int] = []
    after = "0"
    while after:
        rest = commits(10)[int(after) :][:6]
        entries, after = history_page(rest, 5, most_bytes)
        assert len(entries) <= 5
        assert len(entries) == 1 or sum(one.ByteSize() for one in entries) <= most_bytes
        shown += [one.revision for one in entries]
    assert shown == list(range(1, 11))


def test_a_history_of_nothing_has_no_next_page() -> None:
    assert history_page([], 5) == ([], "")
