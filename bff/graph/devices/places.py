"""Where devices are: how many in which cell of the map, and those without a place by area."""

import strawberry
from meterpark.smoc.v1 import device_service_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.devices.device import Device, device_of
from bff.graph.devices.filter import DeviceFilterInput, FacetName, GeoBoxInput, filter_to_wire
from bff.graph.devices.shown_filter import GeoBox, box_of

_USUAL_CELLS = 24


@strawberry.type(description="The devices in one cell of the map.")
class PlaceCluster:
    box: GeoBox
    latitude: float = strawberry.field(description="The middle of their places.")
    longitude: float
    device_count: int
    counts: list[int] = strawberry.field(description="In the order of `values`.")


@strawberry.type(description="The devices of one area that have no place of their own.")
class AreaCluster:
    network: str
    area: str
    latitude: float = strawberry.field(
        description="The middle of the places that other devices of the area have."
    )
    longitude: float
    device_count: int
    counts: list[int]


@strawberry.type(description="Where the devices are that fit a filter.")
class PlaceClusters:
    total_count: int = strawberry.field(
        description="How many devices fit the filter, wherever they are."
    )
    values: list[str] = strawberry.field(description="Of the facet that is counted by.")
    clusters: list[PlaceCluster] = strawberry.field(
        description="Cells are squares that stay where they are when the box is moved; at most 2,000."
    )
    areas: list[AreaCluster] = strawberry.field(
        description="Those whose middle lies in the box, at most 500, largest first."
    )
    nowhere_count: int = strawberry.field(
        description="Devices that are shown nowhere: without a place, as all of their area are."
    )
    extent: GeoBox | None = strawberry.field(
        description="The smallest box around all devices that fit and have a place; null when none has."
    )
    devices: list[Device] = strawberry.field(
        description="Those in the box, when there are no more than were asked for."
    )


async def place_clusters(
    info: Info,
    filter: DeviceFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    box: GeoBoxInput | None = None,
    *,
    cells: int = _USUAL_CELLS,
    facet: FacetName | None = None,
    devices: int = 0,
) -> PlaceClusters:
    """Where the devices are that fit a filter, in a box of the map, or in the smallest one around them all.

    The longer side of the box has about `cells` cells, 1 to 40. When no more than `devices`, at most 200, lie in it,
    they are told themselves.
    """
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.devices.ListPlaceClusters,
        wire.ListPlaceClustersRequest(
            filter=filter_to_wire(filter),
            box=box.to_wire() if box else None,
            cells=cells,
            facet=facet.value if facet else "",
            device_limit=devices,
        ),
    )
    return PlaceClusters(
        total_count=answer.total_size,
        values=list(answer.values),
        clusters=[
            PlaceCluster(
                box=box_of(one.box),
                latitude=one.latitude,
                longitude=one.longitude,
                device_count=one.device_count,
                counts=list(one.counts),
            )
            for one in answer.clusters
        ],
        areas=[
            AreaCluster(
                network=one.network,
                area=one.area,
                latitude=one.latitude,
                longitude=one.longitude,
                device_count=one.device_count,
                counts=list(one.counts),
            )
            for one in answer.areas
        ],
        nowhere_count=answer.nowhere_count,
        extent=box_of(answer.extent) if answer.HasField("extent") else None,
        devices=[device_of(one) for one in answer.devices],
    )
