"""Enums, places of pages and times: every service of the register reads them alike."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from meterpark.smoc.v1 import (
    alarm_service_pb2,
    device_service_pb2,
    import_service_pb2,
    job_service_pb2,
)

from service_chassis.pages import PageTokenInvalid, resumed_at, seal
from service_chassis.refusals import CallRefused
from service_chassis.times import read_time, write_time
from service_chassis.words import read_words, write_word
from smoc_service.alarms.core.alarm import State as AlarmState
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.wire import read_alarm_filter
from smoc_service.door.reading import under
from smoc_service.imports.core.shipment_import import State as ImportState
from smoc_service.imports.core.shipment_import import Verdict
from smoc_service.imports.wire import read_verdicts
from smoc_service.jobs.core.job import Outcome
from smoc_service.jobs.core.job import State as JobState
from smoc_service.jobs.wire.job import read_states

_ENUMS = [
    (job_service_pb2.JobState, JobState),
    (job_service_pb2.JobOutcome, Outcome),
    (import_service_pb2.ImportState, ImportState),
    (import_service_pb2.ImportVerdict, Verdict),
    (alarm_service_pb2.AlarmState, AlarmState),
    (alarm_service_pb2.AlarmSeverity, Severity),
]


@pytest.mark.parametrize(("enum", "words"), _ENUMS)
def test_each_word_is_written_and_read_again(enum: Any, words: Any) -> None:
    numbers = [write_word(enum, word) for word in words]
    assert read_words(enum, [*numbers, *numbers], words, "states") == tuple(words)


@pytest.mark.parametrize(("enum", "words"), _ENUMS)
@pytest.mark.parametrize("number", [0, 99, -1])
def test_what_no_word_stands_for_is_refused(enum: Any, words: Any, number: int) -> None:
    with pytest.raises(CallRefused, match=r"states: holds a value that the contract does not name"):
        read_words(enum, [number], words, "states")


@pytest.mark.parametrize(
    "ask",
    [
        lambda number: read_states(job_service_pb2.ListJobsRequest(states=[number])),
        lambda number: read_verdicts([number]),
        lambda number: read_alarm_filter(alarm_service_pb2.AlarmFilter(states=[number])),
        lambda number: read_alarm_filter(alarm_service_pb2.AlarmFilter(severities=[number])),
    ],
)
def test_every_service_refuses_an_unknown_number_in_the_same_words(
    ask: Callable[[int], object],
) -> None:
    with pytest.raises(CallRefused, match=r"holds a value that the contract does not name"):
        ask(77)


def test_nobody_asks_for_alarms_that_wait() -> None:
    waiting = write_word(alarm_service_pb2.AlarmState, AlarmState.WAITING)
    with pytest.raises(CallRefused, match=r"filter.states: holds one that cannot be asked for"):
        read_alarm_filter(alarm_service_pb2.AlarmFilter(states=[waiting]))


def test_a_page_goes_on_at_the_numbers_of_its_token() -> None:
    assert resumed_at("rows", "", 2) is None
    assert resumed_at("rows", seal("rows", "3.17"), 2) == (3, 17)
    assert resumed_at("items", seal("items", "0"), 1) == (0,)


@given(text=st.text(min_size=1, max_size=20) | st.sampled_from(["1.2.3", "-1.2", "1", "\u0663.1"]))
def test_a_forged_place_gives_numbers_or_is_refused(text: str) -> None:
    token = seal("rows", text)
    try:
        place = resumed_at("rows", token, 2)
    except PageTokenInvalid:
        return
    assert place is not None
    assert all(0 <= number < 10**12 for number in place)


def test_a_time_outside_of_the_calendar_is_refused_with_the_way_to_it() -> None:
    late = device_service_pb2.TimeRange(end_time=Timestamp(seconds=10**13))
    with pytest.raises(CallRefused, match=r"filter.occurred.end_time: outside of the years"):
        read_time(late, "end_time", "filter.occurred")
    assert read_time(late, "start_time") is None
    with pytest.raises(CallRefused, match=r"^end_time: outside"):
        read_time(late, "end_time")
    assert write_time(None) is None


def test_a_refusal_within_a_part_names_the_whole_way() -> None:
    late = device_service_pb2.TimeRange(end_time=Timestamp(seconds=10**13))
    with pytest.raises(CallRefused, match=r"^view.end_time: ") as refused, under("view"):
        read_time(late, "end_time")
    assert refused.value.metadata["field"] == "view.end_time"
