"""Summaries of small parks."""

from collections import Counter
from collections.abc import Sequence

from meterpark.smoc.v1.alarm_service_pb2 import Alarm, AlarmCount, ListAlarmsResponse
from meterpark.smoc.v1.device_pb2 import Device, TimelineEntry
from meterpark.smoc.v1.device_service_pb2 import Change, FacetCount, GetParkSummaryResponse

from meterpark_cli.park.page import Shown
from tests.specs.cli.services_in_memory import FACETS, at


def shown_with(summary: GetParkSummaryResponse, *alarms: Alarm) -> Shown:
    """Return what a page shows of the summary and these alarms, newest first."""
    counted = Counter(alarm.severity for alarm in alarms)
    listed = ListAlarmsResponse(
        alarms=alarms,
        counts=[AlarmCount(severity=each, alarm_count=n) for each, n in counted.items()],
    )
    return Shown(summary=summary, alarms=listed)


def summary_with(
    devices: Sequence[Device], entries: Sequence[TimelineEntry] = (), *, device_id: str = "north/1"
) -> GetParkSummaryResponse:
    counted = Counter((facet, getattr(d, facet).value) for d in devices for facet in FACETS)
    return GetParkSummaryResponse(
        device_count=len(devices),
        counts=[FacetCount(facet=f, value=v, device_count=n) for (f, v), n in counted.items()],
        changes=[Change(device_id=device_id, entry=entry) for entry in entries],
        as_of_time=at("2026-03-01T10:00:00Z"),
    )


def summary_of_counts(device_count: int, **lifecycles: int) -> GetParkSummaryResponse:
    return GetParkSummaryResponse(
        device_count=device_count,
        counts=[
            FacetCount(facet="lifecycle", value=value, device_count=count)
            for value, count in lifecycles.items()
        ],
        as_of_time=at("2026-03-01T10:00:00Z"),
    )
