"""The park in columns, against the long way: devices one by one."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from smoc_service.park.filter import ScopedFilter
from smoc_service.park.index import Conditions, CursorInvalid, ParkIndex, SortKey, Span, box_of
from smoc_service.park.questions import SORTED_BY
from smoc_service.park.rows import (
    AS_OF,
    ATTRIBUTE_CATEGORIES,
    DIMENSIONS,
    GROUPS,
    MARKED,
    MOMENTS,
    NO,
    WORD_ORDER,
    YES,
    rows_from,
)
from smoc_service.register.device import ATTRIBUTES, FACETS, Device, ExchangeMark, Facet, Work
from smoc_service.register.documents import device_document
from tests.examples import examples

BEGUN_AT = datetime(2026, 3, 1, tzinfo=UTC)
NETWORKS = ["nord", "nord-2", "nor", "süd"]
# Longer than what the columns hold, alike up to there.
LONG = "x" * 45
IDENTIFIERS = ["1", "10", "2", "ß", "A", "a", LONG + "1", LONG + "2", "12345678", "123456789"]
TEXTS = ["", "ZPA1", "zpa10", "Isk.7", LONG + "7", "Müll-7"]
TAGS = ["", "pilot", "vip"]
# What is no place lies in registers of before the hub refused it.
PLACES = [
    {},
    {"latitude": "47.3769", "longitude": "8.5417"},
    {"latitude": "-17.8", "longitude": "179.9"},
    {"latitude": "90", "longitude": "-180"},
    {"latitude": "nan", "longitude": "8.5"},
    {"latitude": "95", "longitude": "8.5"},
    {"latitude": "47.3769"},
]
BOXES = [
    box_of(south=47, west=8, north=48, east=9),
    box_of(south=-20, west=170, north=-10, east=-170),
    box_of(south=-90, west=-180, north=90, east=180),
]

moments = st.none() | st.integers(-2, 3).map(lambda n: BEGUN_AT + timedelta(milliseconds=n))


@st.composite
def devices(draw: st.DrawFn) -> Device:
    network, identifier = draw(st.sampled_from(NETWORKS)), draw(st.sampled_from(IDENTIFIERS))
    words = {
        "model": draw(st.sampled_from(["", "E450", "AM550"])),
        "manufacturer": draw(st.sampled_from(["", "Iskra"])),
        "firmware_version": draw(st.sampled_from(["", "1.2", "1.10"])),
        "area": draw(st.sampled_from(["", "Hafen", "Altstadt"])),
        "usage_point": draw(st.sampled_from(["", "CH1", "CH10", LONG])),
        "serial_number": draw(st.sampled_from(TEXTS)),
        **draw(st.sampled_from(PLACES)),
    }
    return Device(
        device_id=f"{network}/{identifier}",
        network=network,
        device_identifier=identifier,
        revision=1,
        facets={
            name: Facet(
                value=draw(st.sampled_from([*values[:3], "NEWER_WORD"])), as_of=draw(moments)
            )
            for name, values in FACETS.items()
        },
        attributes={name: text for name, text in words.items() if text},
        names={"N": text} if (text := draw(st.sampled_from(TEXTS))) else {},
        first_seen_at=draw(moments),
        last_contact_at=draw(moments),
        joined_into=draw(st.sampled_from(["", "", f"{network}/kept"])),
        joined=draw(st.sampled_from([(), (), (f"{network}/zpa17",)])),
        work=Work(
            version=1,
            tags=tuple(sorted(draw(st.sets(st.sampled_from(TAGS[1:]))))),
            exchange=draw(
                st.sampled_from([None, ExchangeMark(reason="", username="a", at=BEGUN_AT)])
            ),
        ),
    )


spans = st.builds(
    Span,
    start=st.none() | st.integers(-1, 2).map(lambda n: round(BEGUN_AT.timestamp() * 1000) + n),
    end=st.none() | st.integers(-1, 2).map(lambda n: round(BEGUN_AT.timestamp() * 1000) + n),
).filter(lambda span: span != Span())


def some(*words: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True).map(tuple)


conditions = st.builds(
    Conditions,
    networks=st.none() | st.lists(st.sampled_from([*NETWORKS, "west"]), max_size=2).map(tuple),
    words=st.fixed_dictionaries(
        {},
        optional={
            "lifecycle": some(*FACETS["lifecycle"][:3]),
            "power": some(*FACETS["power"][:3]),
            "tamper": some(*FACETS["tamper"]),
            "model": some("E450", "AM550", "unknown"),
            "area": some("Hafen", "unknown"),
            "tag": some("pilot", "vip", "unknown"),
            MARKED: some(YES, NO),
        },
    ),
    spans=st.dictionaries(st.sampled_from([*AS_OF, "last_contact_time"]), spans, max_size=1),
    present=st.dictionaries(st.just("last_contact_time"), st.booleans(), max_size=1),
    exact=st.dictionaries(st.just("usage_point"), some("CH1", LONG, "unknown"), max_size=1),
    beginning=st.sampled_from(["", "", "z", "zpa1", "x" * 40, "mü"]),
    ending=st.sampled_from(["", "", "7", "1", "x" * 39 + "7", "ll-7"]),
    box=st.sampled_from([None, None, None, *BOXES]),
    placed=st.sampled_from([None, None, True, False]),
)
orders = st.lists(
    st.builds(SortKey, name=st.sampled_from(SORTED_BY), descending=st.booleans()),
    max_size=3,
    unique_by=lambda key: key.name,
).map(tuple)


def document(device: Device) -> dict[str, Any]:
    return device_document(device, None)


def index_of(*parks: Sequence[Device]) -> ParkIndex:
    index = ParkIndex(GROUPS, WORD_ORDER)
    for park in parks:
        index.take(rows_from([document(each) for each in park]))
    return index


def newest(*parks: Sequence[Device]) -> list[Device]:
    """Return the devices as they are told last, without those that are joined into another."""
    told = {each.device_id: each for park in parks for each in park}
    return [each for each in told.values() if not each.joined_into]


def fitting(park: Sequence[Device], wanted: Conditions) -> list[Device]:
    return [each for each in park if ScopedFilter(conditions=wanted).fits(each)]


def words_of(device: Device, dimension: str) -> tuple[str, ...]:
    if dimension in FACETS:
        return (device.facets[dimension].value,)
    if dimension == "tag":
        return tuple(device.work.tags)
    if dimension == MARKED:
        return (YES if device.work.exchange else NO,)
    if dimension == "network":
        return (device.network,)
    return (device.attributes.get(dimension, ""),)


@dataclass(frozen=True, slots=True)
class Reversed:
    """Sorts the other way."""

    text: Any

    def __lt__(self, other: "Reversed") -> bool:
        return bool(other.text < self.text)


def place(device: Device, order: Sequence[SortKey]) -> list[Any]:
    """Where the contract puts a device, to be compared: words, and what is absent last."""
    keys: list[Any] = []
    for key in order:
        value: Any
        if key.name in FACETS:
            word, known = device.facets[key.name].value, FACETS[key.name]
            value = (known.index(word) if word in known else len(known), word)
        elif key.name in AS_OF:
            value = device.facets[AS_OF[key.name]].as_of
        elif key.name in MOMENTS:
            value = getattr(device, MOMENTS[key.name])
        elif key.name == "device_id":
            value = device.device_id.encode()
        elif key.name == "network":
            # As in a device id.
            value = f"{device.network}/".encode()
        elif key.name in ATTRIBUTE_CATEGORIES:
            value = device.attributes.get(key.name) or None
        else:
            value = device.attributes.get(key.name, "").encode()[:40] or None
        if value is None:
            keys.append((1,))
        else:
            keys.append((0, Reversed(value) if key.descending else value))
    return [*keys, device.device_id.encode()]


@examples(150)
@for_all(
    parks=st.lists(st.lists(devices(), max_size=12), min_size=1, max_size=4),
    wanted=conditions,
    order=orders,
    size=st.integers(1, 7),
)
def test_what_is_selected_counted_and_listed_is_what_the_long_way_finds(
    parks: list[list[Device]], wanted: Conditions, order: tuple[SortKey, ...], size: int
) -> None:
    index, park = index_of(*parks), newest(*parks)
    found = fitting(park, wanted)
    selection = index.select(wanted)
    assert selection.count == len(found)

    for counts, counted in (
        (selection.counts(DIMENSIONS), found),
        (index.totals().counts(DIMENSIONS, None, None), park),
        (
            index.totals().counts(DIMENSIONS, ["nord"], None),
            [each for each in park if each.network == "nord"],
        ),
    ):
        for dimension in DIMENSIONS:
            expected = Counter(word for each in counted for word in words_of(each, dimension))
            assert dict(counts[dimension].values) == expected, dimension

    in_order = [each.device_id for each in sorted(found, key=lambda each: place(each, order))]
    listed: list[str] = []
    cursor = None
    while True:
        page = index.select(wanted).page(order, size, cursor)
        listed += page.device_ids
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.device_ids) == size
    assert listed == in_order

    by_id: list[str] = []
    while some_ids := index.select(wanted).device_ids(size, by_id[-1] if by_id else ""):
        by_id += some_ids
    assert by_id == sorted(each.device_id for each in found)


@examples(100)
@for_all(
    park=st.lists(devices(), max_size=12, unique_by=lambda each: each.device_id),
    passing=st.lists(st.lists(devices(), max_size=6), max_size=8),
    order=orders,
    size=st.integers(1, 4),
    restart=st.booleans(),
)
def test_devices_that_stay_as_they_are_are_listed_once_whatever_the_others_do(
    park: list[Device],
    passing: list[list[Device]],
    order: tuple[SortKey, ...],
    size: int,
    restart: bool,  # noqa: FBT001 - drawn
) -> None:
    park = newest(park)
    staying = {each.device_id for each in park}
    parks = [park]
    index = index_of(park)
    listed: list[str] = []
    cursor = None
    while True:
        page = index.select(Conditions()).page(order, size, cursor)
        listed += page.device_ids
        cursor = page.cursor
        if cursor is None:
            break
        if passing:
            parks.append([each for each in passing.pop() if each.device_id not in staying])
            # Another process goes on, too: it numbers words and devices otherwise.
            index = index_of(*reversed(parks), *parks) if restart else index
            index.take(rows_from([document(each) for each in parks[-1]]))
    kept = [each for each in listed if each in staying]
    assert kept == [each.device_id for each in sorted(park, key=lambda each: place(each, order))]


@pytest.mark.slow
def test_words_that_nobody_has_any_more_are_forgotten() -> None:
    index = ParkIndex(GROUPS, WORD_ORDER)
    device = Device(
        device_id="north/1",
        network="north",
        device_identifier="1",
        revision=1,
        facets={name: Facet(value=values[0]) for name, values in FACETS.items()},
    )
    for number in range(1000):
        changed = replace(
            device,
            attributes={"firmware_version": f"1.{number}", "serial_number": f"{number:030}"},
            work=Work(version=1, tags=(f"t{number}",)),
        )
        index.take(rows_from([document(changed)]))
    columns = index._columns
    for name in ("firmware_version", "tag"):
        assert len(columns.categories[name].parts[name].words) <= 2
    assert len(columns._texts._owner) < 10_000
    assert index.select(Conditions(beginning=f"{999:030}")).count == 1
    assert index.select(Conditions(beginning=f"{998:030}")).count == 0


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "[]", "{}", "[1]", '["a", 1]', '[1, "n/1"]', '["a", "b", "c"]', "[" * 5000),
        *('["zz", "n/1"]', f'["{"00" * 41}", "n/1"]', '[null, "n/1"]', '["\\ud800", 5]'),
    ],
)
def test_a_cursor_that_was_not_made_here_is_refused(cursor: str) -> None:
    index = index_of([])
    with pytest.raises(CursorInvalid):
        index.select(Conditions()).page([SortKey(name="serial_number")], 5, cursor)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=9)
    | st.sampled_from(["nord/1", "E450", "00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@for_all(values=st.lists(_JSON, min_size=1, max_size=3), by=st.sampled_from(sorted(SORTED_BY)))
def test_whatever_a_cursor_is_forged_of_it_is_a_place_or_refused(
    values: list[Any], by: str
) -> None:
    index = index_of([])
    with suppress(CursorInvalid):
        order = [SortKey(name=by)]
        assert index.select(Conditions()).page(order, 5, json.dumps(values)).device_ids == []


def test_every_attribute_that_is_sorted_or_counted_by_is_one_of_a_device() -> None:
    assert set(ATTRIBUTE_CATEGORIES) | {"serial_number", "usage_point"} <= set(ATTRIBUTES)
