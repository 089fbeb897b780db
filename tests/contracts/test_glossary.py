"""The glossary has each word once, where a reader looks for it, and every value that is published."""

import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import EnumDescriptor
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.identity_service_pb2 import IdentityConflict
from meterpark.smoc.v1 import alarm_service_pb2, import_service_pb2, job_service_pb2

from device_hub.device import values

TEXT = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDS = re.findall(r"^- \*\*(.+?)\*\*", TEXT.partition("## Facets")[0], re.MULTILINE)


def test_the_words_stand_in_alphabetical_order_each_once() -> None:
    assert len(WORDS) > 100
    lowered = [word.lower() for word in WORDS]
    assert lowered == sorted(set(lowered))


@pytest.mark.parametrize(
    "kind",
    [
        values.Lifecycle,
        values.Power,
        values.Switch,
        values.Communication,
        values.Tamper,
        values.Firmware,
        values.Flag,
    ],
)
def test_every_value_of_a_device_is_explained(kind: type[values.Flag]) -> None:
    assert not [str(value) for value in kind if not _explained(str(value))]


@pytest.mark.parametrize(
    ("enum", "prefix"),
    [
        (alarm_service_pb2.AlarmState.DESCRIPTOR, "ALARM_STATE_"),
        (alarm_service_pb2.AlarmSeverity.DESCRIPTOR, "ALARM_SEVERITY_"),
        (job_service_pb2.JobState.DESCRIPTOR, "JOB_STATE_"),
        (job_service_pb2.JobOutcome.DESCRIPTOR, "JOB_OUTCOME_"),
        (import_service_pb2.ImportState.DESCRIPTOR, "IMPORT_STATE_"),
        (import_service_pb2.ImportVerdict.DESCRIPTOR, "IMPORT_VERDICT_"),
        (quarantine_pb2.QuarantineState.DESCRIPTOR, "QUARANTINE_STATE_"),
        (Verdict.Outcome.DESCRIPTOR, "OUTCOME_"),
        (IdentityConflict.Kind.DESCRIPTOR, "KIND_"),
        (IdentityConflict.State.DESCRIPTOR, "STATE_"),
    ],
)
def test_every_published_word_is_explained(enum: EnumDescriptor, prefix: str) -> None:
    names = [value.name.removeprefix(prefix) for value in enum.values if value.number]
    assert names
    assert not [name for name in names if not _explained(name)]


def _explained(word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", TEXT) is not None
