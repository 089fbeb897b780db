"""A filter and an order, as they were kept with a view or a job."""

from datetime import datetime

import strawberry
from meterpark.smoc.v1 import device_service_pb2 as wire

from bff.graph.devices.filter import DeviceOrderKey, Direction, FacetName
from bff.graph.fields import time_of


@strawberry.type
class TimeRange:
    start: datetime | None
    end: datetime | None


@strawberry.type
class FacetAge:
    facet: FacetName | None
    since: TimeRange


@strawberry.type(description="As GeoBoxInput.")
class GeoBox:
    south: float
    west: float
    north: float
    east: float


@strawberry.type(description="As DeviceFilterInput; empty lists and nulls are no condition.")
class DeviceFilter:
    networks: list[str]
    lifecycles: list[str]
    powers: list[str]
    switches: list[str]
    communications: list[str]
    tampers: list[str]
    firmwares: list[str]
    models: list[str]
    manufacturers: list[str]
    communication_technologies: list[str]
    firmware_versions: list[str]
    usage_points: list[str]
    parents: list[str]
    areas: list[str]
    tags: list[str]
    text_beginning: str | None
    text_ending: str | None
    marked_for_exchange: bool | None
    facet_ages: list[FacetAge]
    last_contact: TimeRange | None
    never_contacted: bool | None
    box: GeoBox | None
    placed: bool | None


@strawberry.type(description="As DeviceOrder.")
class DeviceOrdering:
    by: DeviceOrderKey
    direction: Direction


def filter_of(told: wire.DeviceFilter) -> DeviceFilter:
    return DeviceFilter(
        networks=list(told.networks),
        lifecycles=list(told.lifecycles),
        powers=list(told.powers),
        switches=list(told.switches),
        communications=list(told.communications),
        tampers=list(told.tampers),
        firmwares=list(told.firmwares),
        models=list(told.models),
        manufacturers=list(told.manufacturers),
        communication_technologies=list(told.communication_technologies),
        firmware_versions=list(told.firmware_versions),
        usage_points=list(told.usage_points),
        parents=list(told.parents),
        areas=list(told.areas),
        tags=list(told.tags),
        text_beginning=told.text_beginning or None,
        text_ending=told.text_ending or None,
        marked_for_exchange=told.marked_for_exchange
        if told.HasField("marked_for_exchange")
        else None,
        facet_ages=[
            FacetAge(facet=facet_of(age.facet), since=_range_of(age.since))
            for age in told.facet_ages
        ],
        last_contact=_range_of(told.last_contact) if told.HasField("last_contact") else None,
        never_contacted=told.never_contacted if told.HasField("never_contacted") else None,
        box=box_of(told.box) if told.HasField("box") else None,
        placed=told.placed if told.HasField("placed") else None,
    )


def box_of(told: wire.GeoBox) -> GeoBox:
    return GeoBox(south=told.south, west=told.west, north=told.north, east=told.east)


def ordering_of(order_by: str) -> list[DeviceOrdering]:
    """Return the keys of an ``order_by`` of the contract; those that this schema does not know are left out."""
    known = {key.value: key for key in DeviceOrderKey}
    words = [key.split() for key in order_by.split(",") if key.strip()]
    return [
        DeviceOrdering(
            by=known[name], direction=Direction.DESC if "desc" in rest else Direction.ASC
        )
        for name, *rest in words
        if name in known
    ]


def _range_of(told: wire.TimeRange) -> TimeRange:
    return TimeRange(start=time_of(told, "start_time"), end=time_of(told, "end_time"))


def facet_of(name: str) -> FacetName | None:
    return next((facet for facet in FacetName if facet.value == name), None)
