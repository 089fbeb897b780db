"""Where the devices are that fit a filter, as the register answers it."""

import grpc
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2 as register

from service_chassis.refusals import reason_of
from tests.neighbours.smoc.running import DeviceFilter, running
from tests.specs.smoc.messages import device, provision

Asked = register.ListPlaceClustersRequest


async def test_what_a_cluster_counts_is_what_its_box_lists_and_one_sees_ones_own_networks(
    mongod_url: str,
) -> None:
    devices = [
        device("north/1", latitude="47.3769", longitude="8.5417", power="OFF", area="Hafen"),
        device("north/2", latitude="47.3770", longitude="8.5418", power="ON", area="Hafen"),
        device("north/3", latitude="48.2082", longitude="16.3738", power="ON"),
        device("north/4", power="OFF", area="Hafen"),
        device("north/5", power="OFF"),
        # The hub refuses it today; a register keeps what was said before.
        device("north/6", latitude="nan", longitude="8.5", power="ON", area="Hafen"),
        device("south/1", latitude="-33.86", longitude="151.21", power="OFF", area="Hafen"),
    ]
    async with running(mongod_url, before=[provision(each) for each in devices]) as smoc:
        north = smoc.seen_by("north")
        found = await north.devices.ListPlaceClusters(Asked(facet="power", device_limit=10))
        assert (found.total_size, found.nowhere_count) == (6, 1)
        by_word = [dict(zip(found.values, one.counts, strict=True)) for one in found.clusters]
        assert sorted((one["ON"], one["OFF"]) for one in by_word) == [(1, 0), (1, 1)]
        for cluster in found.clusters:
            inside = await north.ids(DeviceFilter(box=cluster.box))
            assert len(inside) == cluster.device_count
        assert [each.device_id for each in found.devices] == ["north/1", "north/2", "north/3"]
        [hafen] = found.areas
        assert (hafen.network, hafen.area, hafen.device_count) == ("north", "Hafen", 2)
        assert round(hafen.latitude, 3) == 47.377
        assert await north.ids(DeviceFilter(areas=["Hafen"], placed=False)) == [
            "north/4",
            "north/6",
        ]
        # Looked at one cluster alone, and only at those without power.
        near = await north.devices.ListPlaceClusters(
            Asked(filter=DeviceFilter(powers=["OFF"]), box=found.extent, cells=1)
        )
        assert near.total_size == 3
        assert sum(one.device_count for one in near.clusters) == 1
        assert not near.devices

        watched = register.WatchDevicesRequest(filter=DeviceFilter(box=found.extent))
        stream = north.devices.WatchDevices(watched)
        await anext(aiter(stream))
        await smoc.provision(
            provision(device("north/5", 2, power="ON")),
            provision(device("north/3", 2, latitude="48.2082", longitude="16.3738", power="OFF")),
        )
        async for answer in stream:
            if answer.HasField("device"):
                assert answer.device.device_id == "north/3"
                break


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(cells=41), "cells"),
        (Asked(cells=-1), "cells"),
        (Asked(facet="model"), "facet"),
        (Asked(device_limit=201), "device_limit"),
        (Asked(box=register.GeoBox(south=1, north=0, west=0, east=1)), "box"),
        (Asked(filter=DeviceFilter(box=register.GeoBox(south=float("nan")))), "filter.box.south"),
    ],
)
async def test_what_is_no_map_is_refused(mongod_url: str, asked: Asked, field: str) -> None:
    async with running(mongod_url) as smoc:
        with pytest.raises(grpc.aio.AioRpcError, match=f"^{field}|{field}: ") as error:
            await smoc.devices.ListPlaceClusters(asked)
        assert reason_of(error.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
