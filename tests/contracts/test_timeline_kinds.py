"""The page's groups of entries hold every kind that hub and register write: none is lost to a filter."""

import re
from pathlib import Path

from device_hub.device.events.stated import _CONTROLS
from device_hub.journal.event_codec import event_from_document
from smoc_service.history.alarm_strand import KINDS
from tests.contracts.test_stored_events import FILES, golden

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "bff" / "web" / "src" / "app" / "device" / "timeline-filter.ts"


def _kinds_of_the_page() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    groups = text[text.index("KIND_GROUPS = {") : text.index("} as const")]
    return re.findall(r"'([a-z-]+)'", groups)


def _kinds_of_the_hub() -> set[str]:
    told = {event_from_document(golden(name)).entry().kind for name in FILES}
    return told | {kind for kind, _ in _CONTROLS.values()}


def test_every_kind_of_entry_is_in_one_group_of_the_page() -> None:
    kinds = _kinds_of_the_page()
    assert len(kinds) == len(set(kinds))
    assert set(kinds) == _kinds_of_the_hub() | KINDS
