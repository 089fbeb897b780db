"""What the doctor says of a queue, from two looks at it and what its reader told."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.status.v1.status_pb2 import Hop
from meterpark.status.v1.status_service_pb2 import GetStatusResponse, Teller

from meterpark_cli.doctor.hops import Looked
from meterpark_cli.doctor.queue_depths import QueueDepth
from meterpark_cli.doctor.queues import Reader, judge_queue, readers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOOKED = Looked(now=NOW, standstill_seconds=30)


def depth(
    messages: int = 0,
    *,
    consumers: int = 1,
    unsettled: int = 0,
    dequeued: int = 0,
    oldest: float | None = None,
) -> QueueDepth:
    return QueueDepth(
        message_count=messages,
        consumer_count=consumers,
        unsettled_count=unsettled,
        dequeued_count=dequeued,
        oldest_at=None if oldest is None else NOW - timedelta(seconds=oldest),
    )


def reader(quiet: float = 0) -> Reader:
    return Reader(
        source="source a", broker="amqp://b:1", quiet_since=NOW - timedelta(seconds=quiet)
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (depth(), depth()),
        (depth(5, oldest=3), depth(5, oldest=3)),
        (depth(9_000, oldest=3_600, dequeued=10), depth(8_000, oldest=3_598, dequeued=1_010)),
    ],
    ids=["empty", "just come", "a backlog that is worked off"],
)
def test_a_queue_that_is_read_is_fine(before: QueueDepth, after: QueueDepth) -> None:
    assert judge_queue("IEC20_PUSH", reader(), before, after, LOOKED).state == "fine"


def test_messages_that_nobody_reads_are_a_standstill_since_the_oldest() -> None:
    there = depth(12, consumers=0, oldest=120)
    check = judge_queue("IEC20_PUSH", reader(9_000), there, there, LOOKED)
    assert check.state == "wrong"
    assert "12 wait" in check.finding
    assert "no consumer reads it" in check.finding


def test_messages_that_are_handed_out_and_never_settled_are_a_standstill() -> None:
    there = depth(28, unsettled=28, oldest=120, dequeued=500)
    check = judge_queue("IEC20_PUSH", reader(100), there, there, LOOKED)
    assert check.state == "wrong"
    assert "28 of them handed out and not settled" in check.finding
    assert check.since == "2026-03-01T11:58:20Z"


def test_a_queue_beside_one_that_goes_on_is_seen_too() -> None:
    there = depth(28, oldest=120, dequeued=500)
    assert judge_queue("IEC20_PUSH", reader(0), there, there, LOOKED).state == "wrong"


def test_without_an_age_a_standstill_is_what_the_reader_did_not_settle_either() -> None:
    there = depth(28, unsettled=28, dequeued=500)
    assert judge_queue("IEC20_PUSH", reader(100), there, there, LOOKED).state == "wrong"
    assert judge_queue("IEC20_PUSH", reader(1), there, there, LOOKED).state == "fine"


def test_a_queue_of_another_broker_is_not_called_fine() -> None:
    check = judge_queue("IEC20_PUSH", reader(), None, None, LOOKED)
    assert check.state == "not checked"
    assert "amqp://b:1" in check.finding


def test_the_queues_are_those_that_the_connectors_read() -> None:
    at = Timestamp()
    at.FromDatetime(NOW)
    source = Hop(
        name="source a",
        peer="amqp://b:1",
        destinations=["queue://IEC20_PUSH", "topic://events", "nonsense"],
    )
    status = GetStatusResponse(tellers=[Teller(name="c", started_time=at, hops=[source])])
    assert readers(status) == {
        "IEC20_PUSH": Reader(source="source a", broker="amqp://b:1", quiet_since=NOW)
    }
