"""Where devices are: cells of the map and areas, against the long way."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import isclose

import pytest
from hypothesis import assume, example
from hypothesis import given as for_all
from hypothesis import strategies as st
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.refusals import CallRefused
from smoc_service.park.index import SIDE, Box, Conditions, Located, ParkIndex, View, degrees
from smoc_service.park.questions import read_box
from smoc_service.park.rows import GROUPS, WORD_ORDER, rows_from
from smoc_service.park.wire import write_box
from smoc_service.register.device import FACETS, Device, Facet
from smoc_service.register.documents import device_document
from smoc_service.register.place import place_of
from tests.examples import examples

POWERS = ("ON", "OFF", "PARTIAL")
ZURICH = ("47.3769", "8.5417")


def meter(
    number: int,
    place: tuple[str, str] | None,
    area: str = "",
    power: str = "ON",
    network: str = "north",
) -> Device:
    attributes = {} if place is None else dict(zip(("latitude", "longitude"), place, strict=True))
    if area:
        attributes["area"] = area
    return Device(
        device_id=f"{network}/{number}",
        network=network,
        device_identifier=str(number),
        revision=1,
        facets={
            name: Facet(value=power if name == "power" else words[0])
            for name, words in FACETS.items()
        },
        attributes=attributes,
    )


def index_of(*parks: Sequence[Device]) -> ParkIndex:
    index = ParkIndex(GROUPS, WORD_ORDER)
    for park in parks:
        index.take(rows_from([device_document(each, None) for each in park]))
    return index


def seen(
    index: ParkIndex, box: Box | None = None, wanted: Conditions | None = None, along: int = 24
) -> Located:
    view = View(box=box, along=along, dimension="power", devices_at_most=5)
    return index.select(wanted or Conditions()).located(view)


# Close together, far apart, at the edges of the map, and such as are none.
some_places = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(["47.3769", "47.37691", "47.4", "-17.8", "89.99", "-90", "0.1", "nan"]),
        st.sampled_from(["8.5417", "8.54171", "8.6", "179.99", "-179.99", "180", "-180", "0.1"]),
    ),
)
meters = st.builds(
    meter,
    st.integers(0, 30),
    some_places,
    st.sampled_from(["", "Hafen", "Altstadt"]),
    st.sampled_from(POWERS),
    st.sampled_from(["north", "south"]),
)
boxes = st.sampled_from(
    [
        None,
        device_service_pb2.GeoBox(south=47, west=8, north=48, east=9),
        device_service_pb2.GeoBox(south=-90, west=-180, north=90, east=180),
        device_service_pb2.GeoBox(south=-60, west=170, north=60, east=-170),
        device_service_pb2.GeoBox(south=47.3768, west=8.5416, north=47.37695, east=8.5418),
    ]
)


@examples(200)
@for_all(parks=st.lists(st.lists(meters, max_size=12), min_size=1, max_size=3), box=boxes)
def test_cells_and_areas_hold_each_device_once_and_where_it_is(
    parks: list[list[Device]], box: device_service_pb2.GeoBox | None
) -> None:
    index = index_of(*parks)
    park = list({each.device_id: each for some in parks for each in some}.values())
    looked_at = None if box is None else read_box(box, "box")
    found = seen(index, looked_at)
    assert found.count == len(park)

    placed = {each.device_id: each for each in park if place_of(each.attributes) is not None}
    inside = index.select(Conditions(box=looked_at, placed=True))
    assert sum(cell.count for cell in found.cells) == inside.count
    if inside.count <= 5:
        assert found.device_ids == inside.device_ids(5)
    for cell in found.cells:
        # The box of a cell is a filter: it finds the very devices of the cell that are looked at.
        told = read_box(write_box(cell.box), "box")
        assert told == cell.box
        within = index.select(Conditions(box=told))
        assert within.count >= cell.count >= 1
        if looked_at is None:
            assert within.count == cell.count
            powers = dict(within.counts(["power"])["power"].values)
            assert dict(zip(found.words, cell.counts, strict=True)) == {
                word: powers.get(word, 0) for word in found.words
            }
        assert sum(cell.counts) == cell.count
        assert -86 < cell.latitude < 86

    without = [each for each in park if each.device_id not in placed]
    by_area: defaultdict[tuple[str, str], list[Device]] = defaultdict(list)
    for each in placed.values():
        by_area[each.network, each.attributes.get("area", "")].append(each)
    expected = Counter(
        key
        for each in without
        if (key := (each.network, each.attributes.get("area", "")))[1] and key in by_area
    )
    assert found.nowhere == len(without) - expected.total()
    if looked_at is None:
        assert {(area.network, area.area): area.count for area in found.areas} == expected
    assert all(sum(area.counts) == area.count for area in found.areas)


def test_a_device_without_a_place_is_shown_in_the_middle_of_its_area_and_network() -> None:
    index = index_of(
        [
            meter(1, ("47.0", "8.0"), "Hafen"),
            meter(2, ("47.2", "8.4"), "Hafen", "OFF"),
            meter(3, None, "Hafen", "OFF"),
            meter(4, None, "Hafen", network="south"),
            meter(5, ("10.0", "10.0"), "Hafen", network="south"),
            meter(6, None, "Altstadt"),
        ]
    )
    found = seen(index)
    assert [(area.network, area.area, area.count) for area in found.areas] == [
        ("north", "Hafen", 1),
        ("south", "Hafen", 1),
    ]
    north = found.areas[0]
    assert isclose(north.longitude, 8.2, abs_tol=1e-6)
    assert isclose(north.latitude, 47.1, abs_tol=1e-3)
    assert dict(zip(found.words, north.counts, strict=True)) == {"ON": 0, "OFF": 1}
    assert found.nowhere == 1
    # Whoever sees the south alone learns nothing of the north's places.
    south = seen(index, wanted=Conditions(networks=("south",)))
    assert [(area.latitude // 1, area.longitude // 1) for area in south.areas] == [(10, 10)] or [
        round(area.latitude) for area in south.areas
    ] == [10]


def test_the_middle_of_an_area_follows_its_devices() -> None:
    index = index_of([meter(1, ("47.0", "8.0"), "Hafen"), meter(2, None, "Hafen")])
    assert round(seen(index).areas[0].longitude) == 8
    index.take(rows_from([device_document(meter(1, ("47.0", "12.0"), "Hafen"), None)]))
    assert round(seen(index).areas[0].longitude) == 12
    index.take(rows_from([device_document(meter(1, ("47.0", "12.0"), "Altstadt"), None)]))
    assert (seen(index).areas, seen(index).nowhere) == ([], 1)
    index.take(rows_from([device_document(meter(3, ("47.0", "20.0"), "Hafen"), None)]))
    assert round(seen(index).areas[0].longitude) == 20


def test_cells_stay_where_they_are_when_the_box_is_moved() -> None:
    park = [meter(n, (f"{47 + n % 7 / 50:.4f}", f"{8 + n % 11 / 50:.4f}")) for n in range(77)]
    index = index_of(park)
    box = read_box(device_service_pb2.GeoBox(south=46.9, west=7.9, north=47.3, east=8.4), "box")
    step = SIDE >> 20
    moved = Box(
        south=box.south, north=box.north, west=box.west + 3 * step, east=box.east + 3 * step
    )
    assert [cell.box for cell in seen(index, box).cells] == [
        cell.box for cell in seen(index, moved).cells
    ]


@for_all(along=st.integers(1, 40))
@example(along=40)
def test_a_box_has_no_more_cells_along_its_side_than_asked_for(along: int) -> None:
    park = [meter(n, (f"{47 + n % 60 / 50:.4f}", f"{8 + n / 900:.4f}")) for n in range(900)]
    found = seen(index_of(park), along=along)
    assert len({cell.box.west for cell in found.cells}) <= along + 1
    assert len({cell.box.north for cell in found.cells}) <= along + 1
    assert sum(cell.count for cell in found.cells) == 900


@for_all(x=st.integers(0, SIDE), y=st.integers(0, SIDE))
def test_a_line_between_cells_survives_its_way_through_degrees(x: int, y: int) -> None:
    x, y = x >> 8 << 8, y >> 8 << 8
    assume(0 < x < SIDE and 0 < y < SIDE)
    latitude, longitude = degrees(x, y)
    box = read_box(
        device_service_pb2.GeoBox(south=-86, west=longitude, north=latitude, east=180), "box"
    )
    assert (box.west, box.north) == (x, y)


@pytest.mark.parametrize(
    ("sides", "field"),
    [
        ({"south": 48, "north": 47, "west": 8, "east": 9}, "box"),
        ({"south": 47, "north": 48, "west": 8, "east": 8}, "box"),
        ({"south": 47, "north": 48, "west": 180, "east": -180}, "box"),
        ({"south": -91, "north": 48, "west": 8, "east": 9}, "box.south"),
        ({"south": 47, "north": 48, "west": 8, "east": 181}, "box.east"),
        ({"south": float("nan"), "north": 48, "west": 8, "east": 9}, "box.south"),
        ({"south": 47, "north": float("inf"), "west": 8, "east": 9}, "box.north"),
        ({}, "box"),
    ],
)
def test_a_box_that_holds_nothing_is_refused(sides: dict[str, float], field: str) -> None:
    with pytest.raises(CallRefused) as refused:
        read_box(device_service_pb2.GeoBox(**sides), "box")
    assert str(refused.value).startswith(f"{field}:")
