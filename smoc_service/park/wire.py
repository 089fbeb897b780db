"""Counts of the park as the contract's messages."""

from collections.abc import Iterator, Mapping

from meterpark.smoc.v1 import device_service_pb2

from smoc_service.door.times import write_time
from smoc_service.park.index import Counted
from smoc_service.park.summary import ParkSummary
from smoc_service.register.device import FACETS
from smoc_service.register.wire import write_entry


def write_counts(counts: Mapping[str, Counted]) -> Iterator[device_service_pb2.FacetCount]:
    """Yield what is counted; of a facet also the values of which there is no device."""
    for dimension, found in counts.items():
        values = dict(found.values) | {
            value: 0 for value in FACETS.get(dimension, ()) if value not in dict(found.values)
        }
        for value, count in values.items():
            yield device_service_pb2.FacetCount(facet=dimension, value=value, device_count=count)


def cut_dimensions(counts: Mapping[str, Counted]) -> list[str]:
    """Return the dimensions of which there are more values than are told."""
    return [dimension for dimension, found in counts.items() if found.cut]


def write_summary(summary: ParkSummary) -> device_service_pb2.GetParkSummaryResponse:
    return device_service_pb2.GetParkSummaryResponse(
        device_count=summary.device_count,
        counts=write_counts(summary.counts),
        changes=[
            device_service_pb2.Change(
                device_id=change.device_id,
                serial_number=change.serial_number,
                entry=write_entry(change.entry),
            )
            for change in summary.changes
        ],
        as_of_time=write_time(summary.as_of),
        cut_dimensions=cut_dimensions(summary.counts),
    )
