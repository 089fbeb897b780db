"""Whole documents of journal and register are read as they once were written. Golden documents: never edited.

Events and states within a commit: `test_stored_events.py`. The register's states: `test_stored_states.py`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import ObjectId

from device_hub.journal.event_codec import event_from_document
from device_hub.journal.journal import Journal
from device_hub.journal.state_codec import device_from_document
from device_hub.turns.history import Commit, Origin
from device_hub.wire.devices import history_entry
from journal_evidence.seal import SEAL_VERSION, look_at, sealed
from smoc_service.register.device import (
    Device,
    ExchangeMark,
    Identifier,
    PlannedChange,
    TimelineEntry,
    Work,
)
from smoc_service.register.documents import (
    OF_THE_CHANGE,
    device_document,
    device_from,
    entry_document,
    entry_from,
    work_changed,
)
from tests.contracts.test_stored_events import golden as event_or_state
from tests.contracts.test_stored_events import through_bson
from tests.contracts.test_stored_states import AT, DESCRIBED
from tests.contracts.test_stored_states import golden as of_register
from tests.specs.hub.schedules.choices import Choices
from tests.specs.hub.schedules.database import OPTIONS, MemoryCommits

COMMITS = Path(__file__).parent / "stored_commits"
# Of a message whose trace is recorded; it stands in the origin of its commits.
TRACEPARENT = f"00-{'a' * 32}-{'b' * 16}-01"
RECEIVED_AT = datetime(2026, 3, 1, 10, 0, 2, tzinfo=UTC)
DEVICE = replace(
    DESCRIBED,
    last_contact_at=AT,
    planned=(
        PlannedChange(
            effective_at=AT.replace(year=2027),
            said_at=AT,
            kind="CONFIGURATION",
            summary="removed",
            changes={"lifecycle": "REMOVED"},
        ),
    ),
    work=Work(
        version=2,
        tags=("look at it",),
        exchange=ExchangeMark(reason="old", username="ada", at=AT),
    ),
    identifiers=(Identifier(scheme="mrid", value="8f1c"),),
    joined_into="north/S1",
    joined=("north/S2",),
)
ENTRY = TimelineEntry(
    revision=3,
    index=1,
    kind="POWER_LOST",
    occurred_at=AT,
    received_at=RECEIVED_AT,
    recorded_at=RECEIVED_AT,
    code="3.26.0.85",
    summary="power lost",
    details={"Raw": "0x1F"},
    flags=("LATE",),
)


def content() -> dict[str, Any]:
    """What a commit holds beside the state and its seal."""
    return {
        "_id": ObjectId("65e19a000000000000000001"),
        "device_id": "north/LGZ0012345678",
        "revision": 3,
        "report_id": "3f" * 32,
        "committed_at": RECEIVED_AT,
        "origin": {
            "source": "hes",
            "message_id": "m-1",
            "correlation_id": "c-1",
            "verb": "created",
            "noun": "EndDeviceEvents",
            "message_at": AT,
            "index": 4,
        },
        "events": [event_or_state("power-lost.1")],
    }


def commit(name: str) -> bytes:
    return bytes.fromhex((COMMITS / f"{name}.bson.hex").read_text(encoding="utf-8"))


def test_golden_commits_are_never_edited() -> None:
    seal = (COMMITS / "sealed.txt").read_text(encoding="utf-8")
    held = {name: digest for digest, name in map(str.split, seal.splitlines())}
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in COMMITS.glob("*.hex")}
    assert found == held, "a golden commit was edited, removed, or added without its seal"


@pytest.mark.parametrize("name", ["commit.1", "commit.2", "commit.2+traced"])
def test_a_commit_is_read_whole(name: str) -> None:
    stored = bson.decode(commit(name), OPTIONS)
    entry = history_entry(stored)
    assert (entry.revision, entry.report_id, len(entry.events)) == (3, "3f" * 32, 1)
    assert (entry.origin.message_id, entry.origin.index) == ("m-1", 4)
    assert entry.origin.traceparent == (TRACEPARENT if name.endswith("+traced") else "")
    assert device_from_document(stored["after"]) == device_from_document(
        through_bson(event_or_state("device-state.2"))
    )


def test_a_commit_without_a_seal_and_one_with_it_are_told_apart() -> None:
    assert look_at(commit("commit.1")).seal is None
    looked = look_at(commit("commit.2"))
    assert looked.seal is not None
    assert (looked.digest, looked.after) == (looked.seal.digest, looked.seal.after)


def test_a_commit_is_sealed_as_ever() -> None:
    """Else what is sealed would be told to be changed."""
    raw, _ = sealed(content(), event_or_state("device-state.2"), b"")
    assert raw == commit("commit.2")
    assert SEAL_VERSION == 1


@pytest.mark.parametrize(
    ("name", "traceparent"), [("commit.2", ""), ("commit.2+traced", TRACEPARENT)]
)
async def test_the_journal_writes_a_commit_with_the_fields_of_its_golden_document(
    name: str, traceparent: str
) -> None:
    commits: Any = MemoryCommits(Choices())
    after = device_from_document(event_or_state("device-state.2"))
    assert after is not None
    stored = await Journal(commits, now=lambda: RECEIVED_AT).commit(
        [
            Commit(
                device_id="north/LGZ0012345678",
                revision=3,
                report_id="3f" * 32,
                events=[event_from_document(event_or_state("power-lost.1"))],
                after=after,
                origin=Origin(
                    source="hes",
                    message_id="m-1",
                    correlation_id="c-1",
                    verb="created",
                    noun="EndDeviceEvents",
                    message_at=AT,
                    index=4,
                    traceparent=traceparent,
                ),
            )
        ]
    )
    assert stored.count == 1
    [raw] = commits.held
    written, golden = (bson.decode(one, OPTIONS) for one in (raw, commit(name)))
    own = ("_id", "seal")
    assert [*written] == [*golden]
    assert _without(written, own) == _without(golden, own)


def _without(document: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def test_a_device_of_the_register_is_stored_and_read_as_ever() -> None:
    assert device_document(DEVICE, {"lifecycle": "UNKNOWN"}) == of_register("device.1")
    assert device_from(through_bson(of_register("device.1"))) == DEVICE


def test_the_trace_of_a_change_is_no_part_of_the_device_and_ends_with_the_next_change() -> None:
    traced = {**of_register("device.1"), "traceparent": TRACEPARENT}
    assert device_from(through_bson(traced)) == DEVICE
    assert work_changed(traced, Work(version=3)).keys().isdisjoint(OF_THE_CHANGE)


def test_every_field_of_a_device_of_the_register_is_in_its_golden_document() -> None:
    """Else one could be stored in another shape, and no test would say so."""
    device = device_from(of_register("device.1"))
    for field in fields(Device):
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        assert getattr(device, field.name) != default, field.name


def test_an_entry_of_the_register_is_stored_and_read_as_ever() -> None:
    assert entry_document(DEVICE, ENTRY) == of_register("entry.1")
    read = entry_from(through_bson(of_register("entry.1")))
    assert replace(read, device_id="") == ENTRY
