"""The page knows every kind of entry that hub and register write.

None is lost to a filter, and none is read in English by who reads the page in another language. The same for what the
services say in sentences: why something is so, and what a job does.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device_hub.device import facets
from device_hub.device.events.stated import _CONTROLS
from device_hub.journal.event_codec import event_from_document
from smoc_service.history.alarm_strand import KINDS
from smoc_service.jobs.core.actions import (
    AcknowledgeAlarms,
    Action,
    AssignAlarms,
    CommentAlarms,
    MarkForExchange,
    ResolveAlarms,
    SnoozeAlarms,
    Tag,
    UnmarkForExchange,
    sentence_for,
)
from tests.contracts.test_stored_events import FILES, golden

ROOT = Path(__file__).parents[2]
APP = ROOT / "bff" / "web" / "src" / "app"
PAGE = APP / "device" / "timeline-filter.ts"


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


@pytest.mark.parametrize("kind", sorted(_kinds_of_the_hub() | KINDS))
def test_every_kind_of_entry_has_its_sentence_in_the_page(kind: str) -> None:
    text = (APP / "device" / "entry-text.ts").read_text(encoding="utf-8")
    assert re.search(rf"'{kind}'|^ .*\b{kind}: ", text, re.MULTILINE)


@pytest.mark.parametrize(
    "cause", [facets.INFERRED, facets.CONTACT, facets.SILENCE, facets.SHIPMENT, facets.JOINED]
)
def test_the_page_says_each_cause_of_the_hub_that_is_an_english_word(cause: str) -> None:
    text = (APP / "parts" / "causes.ts").read_text(encoding="utf-8")
    assert re.search(rf"'{cause}': |\b{cause}: ", text)


_OF_DEVICES: tuple[Action, ...] = (
    Tag(add=("a", "b"), remove=("c",)),
    Tag(add=("a",)),
    Tag(remove=("c",)),
    MarkForExchange(reason="seal broken"),
    UnmarkForExchange(),
    AcknowledgeAlarms(),
    AcknowledgeAlarms(rules=("tamper",)),
    AssignAlarms(assignee="anna"),
)
_OF_ALARMS: tuple[Action, ...] = (
    AcknowledgeAlarms(),
    AssignAlarms(assignee="anna"),
    ResolveAlarms(),
    SnoozeAlarms(until=datetime(2026, 3, 1, 10, tzinfo=UTC)),
    CommentAlarms(comment="seen"),
)


@pytest.mark.parametrize("count", [1, 1204])
@pytest.mark.parametrize(
    ("action", "of_alarms"),
    [*((one, False) for one in _OF_DEVICES), *((one, True) for one in _OF_ALARMS)],
)
def test_the_page_knows_what_a_job_does(action: Action, *, of_alarms: bool, count: int) -> None:
    text = (APP / "audit" / "deed-words.ts").read_text(encoding="utf-8")
    patterns = re.findall(r"^  \[/(\^.*\$)/s?, ", text, re.MULTILINE)
    said = sentence_for(action, count, of_alarms=of_alarms)
    assert any(re.fullmatch(pattern, said, re.DOTALL) for pattern in patterns), said


def test_the_page_names_each_rule_that_the_register_comes_with() -> None:
    rules = ROOT / "smoc_service" / "alarms" / "core" / "rules.yaml"
    names = re.findall(r"\bname: ([a-z-]+)", rules.read_text(encoding="utf-8"))
    assert len(names) > 5
    text = (APP / "alarms" / "alarm-words.ts").read_text(encoding="utf-8")
    assert [name for name in names if f"{name}': $" not in text and f" {name}: $" not in text] == []
