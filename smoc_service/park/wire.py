"""Counts of the park as the contract's messages."""

from collections.abc import Iterator, Mapping

from meterpark.smoc.v1 import device_service_pb2

from service_chassis.times import write_time
from smoc_service.park.index import Box, Counted, Located, degrees
from smoc_service.park.summary import ParkSummary
from smoc_service.register.device import FACETS, Device
from smoc_service.register.wire import write_device, write_entry


def write_counts(counts: Mapping[str, Counted]) -> Iterator[device_service_pb2.FacetCount]:
    """Yield the counts; for a facet also the values that no device has."""
    for dimension, found in counts.items():
        values = dict(found.values) | {
            value: 0 for value in FACETS.get(dimension, ()) if value not in dict(found.values)
        }
        for value, count in values.items():
            yield device_service_pb2.FacetCount(facet=dimension, value=value, device_count=count)


def cut_dimensions(counts: Mapping[str, Counted]) -> list[str]:
    """Return the dimensions that have more values than are returned."""
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


def write_box(box: Box) -> device_service_pb2.GeoBox:
    north, west = degrees(box.west, box.north)
    south, east = degrees(box.east, box.south)
    return device_service_pb2.GeoBox(south=south, west=west, north=north, east=east)


def write_clusters(
    found: Located, devices: list[Device]
) -> device_service_pb2.ListPlaceClustersResponse:
    return device_service_pb2.ListPlaceClustersResponse(
        total_size=found.count,
        values=found.words,
        clusters=[
            device_service_pb2.PlaceCluster(
                box=write_box(cell.box),
                latitude=cell.latitude,
                longitude=cell.longitude,
                device_count=cell.count,
                counts=cell.counts,
            )
            for cell in found.cells
        ],
        areas=[
            device_service_pb2.AreaCluster(
                network=area.network,
                area=area.area,
                latitude=area.latitude,
                longitude=area.longitude,
                device_count=area.count,
                counts=area.counts,
            )
            for area in found.areas
        ],
        nowhere_count=found.nowhere,
        extent=None if found.extent is None else write_box(found.extent),
        devices=map(write_device, devices),
    )
