"""Times on the wire are those of protobuf's own functions, which take three times as long."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from meterpark.smoc.v1 import device_pb2

from service_chassis.refusals import CallRefused
from service_chassis.times import read_time, to_timestamp, write_time

ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9))]
)
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2, tzinfo=UTC).replace(tzinfo=None),
    max_value=datetime(9999, 12, 30, tzinfo=UTC).replace(tzinfo=None),
    timezones=ZONES,
)


@given(moment=MOMENTS)
def test_a_time_is_written_as_protobuf_writes_it(moment: datetime) -> None:
    written = Timestamp()
    written.FromDatetime(moment)
    assert to_timestamp(moment) == written
    assert write_time(moment) == written


@given(moment=MOMENTS)
def test_a_time_that_was_written_is_read_again(moment: datetime) -> None:
    device = device_pb2.Device(update_time=to_timestamp(moment))
    assert read_time(device, "update_time") == moment
    assert read_time(device, "update_time") == device.update_time.ToDatetime(tzinfo=UTC)


@given(
    seconds=st.integers(-(2**63), 2**63 - 1) | st.integers(-70_000_000_000, 300_000_000_000),
    nanos=st.integers(-(2**31), 2**31 - 1) | st.integers(0, 999_999_999),
)
def test_what_protobuf_does_not_read_is_refused(seconds: int, nanos: int) -> None:
    said = Timestamp(seconds=seconds, nanos=nanos)
    device = device_pb2.Device(update_time=said)
    try:
        moment = said.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        with pytest.raises(CallRefused, match=r"device\.update_time: outside of the years"):
            read_time(device, "update_time", "device")
    else:
        assert read_time(device, "update_time", "device") == moment


def test_no_time_stays_none() -> None:
    assert write_time(None) is None
    assert read_time(device_pb2.Device(), "update_time") is None
