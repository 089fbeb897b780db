"""Devices, one and many."""

from typing import Any

from meterpark.smoc.v1.device_pb2 import TimelineEntry
from meterpark.smoc.v1.device_service_pb2 import (
    AreaCluster,
    DeviceFilter,
    FacetAge,
    GeoBox,
    ListDeviceEventsResponse,
    ListPlaceClustersRequest,
    ListPlaceClustersResponse,
    PlaceCluster,
    TimeRange,
)

from tests.specs.bff.serving import API_TOKEN, running_bff
from tests.specs.bff.smoc_in_memory import Smoc, at, device, unknown

PAGE = """
query Page($first: Int, $after: String) {
  devices(first: $first, after: $after) {
    totalCount
    edges { cursor node { deviceId power { value asOf cause } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def smoc_with(count: int) -> Smoc:
    smoc = Smoc()
    smoc.add(*map(device, range(count)))
    return smoc


async def test_a_page_ends_with_a_cursor_that_the_next_one_begins_behind() -> None:
    async with running_bff(smoc_with(5)) as bff:
        seen, after = [], None
        while True:
            page = (await bff.data(PAGE, {"first": 2, "after": after}))["devices"]
            seen += [edge["node"]["deviceId"] for edge in page["edges"]]
            assert page["totalCount"] == 5
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert seen == sorted(bff.smoc.devices)


async def test_one_goes_on_from_any_edge_also_in_the_middle_and_at_the_very_end() -> None:
    async with running_bff(smoc_with(5)) as bff:
        edges = (await bff.data(PAGE, {"first": 5}))["devices"]["edges"]
        for place, edge in enumerate(edges):
            page = (await bff.data(PAGE, {"first": 5, "after": edge["cursor"]}))["devices"]
            assert [one["node"] for one in page["edges"]] == [
                one["node"] for one in edges[place + 1 :]
            ]


async def test_the_callers_own_token_goes_on_to_the_register_through_the_own_sidecar() -> None:
    async with running_bff(smoc_with(1)) as bff:
        await bff.data(PAGE, {"first": 2})
        [sent] = bff.smoc.sent
        assert sent["authorization"] == f"Bearer {bff.token}"
        assert sent["dapr-app-id"] == "smoc-service"
        assert sent["dapr-api-token"] == API_TOKEN


async def test_without_a_token_nothing_is_asked() -> None:
    async with running_bff(smoc_with(1)) as bff:
        bff.token = ""
        error = await bff.error(PAGE, {"first": 2})
        assert error["extensions"] == {"code": "UNAUTHENTICATED", "reason": "UNAUTHENTICATED"}
        assert not bff.smoc.asked


async def test_a_page_without_rows_may_have_a_next_one() -> None:
    entries = {
        "": ListDeviceEventsResponse(next_page_token="farther"),  # noqa: S106
        "farther": ListDeviceEventsResponse(
            entries=[TimelineEntry(entry_id="alarm/7.0", kind="alarm-opened", summary="Opened")]
        ),
    }
    smoc = smoc_with(1)
    smoc.answers["ListDeviceEvents"] = lambda request: entries[request.page_token]
    query = """query Timeline($after: String) { device(id: "north/1EMH0000000000") {
        timeline(first: 10, after: $after, filter: {kinds: ["alarm-opened"], flags: [LATE]}) {
            edges { node { entryId revision } } pageInfo { hasNextPage endCursor } } } }"""
    async with running_bff(smoc) as bff:
        first = (await bff.data(query))["device"]["timeline"]
        assert first["edges"] == []
        assert first["pageInfo"]["hasNextPage"]
        second = await bff.data(query, {"after": first["pageInfo"]["endCursor"]})
        timeline = second["device"]["timeline"]
        assert timeline["edges"] == [{"node": {"entryId": "alarm/7.0", "revision": None}}]
        assert not timeline["pageInfo"]["hasNextPage"]
        request = smoc.requests("ListDeviceEvents")[0]
        assert list(request.filter.flags) == ["late"]


async def test_a_device_as_it_was_before_anyone_heard_of_it_is_null() -> None:
    def never(_: Any) -> Any:
        raise unknown("DEVICE_UNKNOWN")

    smoc = smoc_with(1)
    smoc.answers["GetDeviceAt"] = never
    query = """{ device(id: "north/1EMH0000000000") { serialNumber
        at(time: "2020-01-01T00:00:00Z") { incomplete } } missing: device(id: "north/x") { model } }"""
    async with running_bff(smoc) as bff:
        answer = await bff.data(query)
        assert answer["device"] == {"serialNumber": "1EMH0000000000", "at": None}
        assert answer["missing"] is None
        assert len(smoc.requests("BatchGetDevices")) == 1


async def test_every_condition_of_a_filter_and_order_reaches_the_register() -> None:
    query = """{ devices(
        filter: {networks: ["north"], powers: ["OFF"], textEnding: "42", markedForExchange: false,
            facetAges: [{facet: POWER, since: {end: "2026-11-18T00:00:00+01:00"}}],
            lastContact: {start: "2026-11-01T00:00:00Z"}, neverContacted: true},
        orderBy: [{by: LIFECYCLE}, {by: POWER_AS_OF, direction: DESC}]) { totalCount } }"""
    async with running_bff(smoc_with(1)) as bff:
        await bff.data(query)
        [request] = bff.smoc.requests("ListDevices")
        assert request.order_by == "lifecycle, power.as_of_time desc"
        assert request.filter == DeviceFilter(
            networks=["north"],
            powers=["OFF"],
            text_ending="42",
            marked_for_exchange=False,
            facet_ages=[
                FacetAge(facet="power", since=TimeRange(end_time=at("2026-11-17T23:00:00Z")))
            ],
            last_contact=TimeRange(start_time=at("2026-11-01T00:00:00Z")),
            never_contacted=True,
        )


async def test_the_router_reads_devices_by_their_key_all_at_once() -> None:
    query = """query Entities($of: [_Any!]!) { _entities(representations: $of) {
        ... on Device { serialNumber } ... on Alarm { rule } } }"""
    async with running_bff(smoc_with(3)) as bff:
        known = [
            {"__typename": "Device", "deviceId": device(number).device_id} for number in range(3)
        ]
        unknown_one = {"__typename": "Device", "deviceId": "north/unknown"}
        answer = await bff.data(query, {"of": [*known, unknown_one]})
        assert answer["_entities"] == [
            *({"serialNumber": device(number).serial_number} for number in range(3)),
            None,
        ]
        assert len(bff.smoc.requests("BatchGetDevices")) == 1
        error = await bff.error(query, {"of": known * 40})
        assert error["message"] == "representations: at most 100 at once"
        for wrong in (3, {}, {"__typename": "View", "viewId": "1"}, {"__typename": "Device"}):
            error = await bff.error(query, {"of": [*known, wrong]})
            assert error["extensions"]["field"] == "representations[3]"


BEHIND = """
query Behind($id: ID!) {
  device(id: $id) {
    parentId
    parent { deviceId }
    latitude longitude seals
    planned { effectiveAt kind summary changes { name value } }
    children { totalCount edges { node { deviceId parent { deviceId } } } }
  }
}
"""


async def test_a_device_shows_its_parent_its_children_its_place_and_what_is_planned() -> None:
    smoc = smoc_with(3)
    gateway, meter, gas_meter = sorted(smoc.devices)
    smoc.devices[meter].parent = smoc.devices[gateway].device_identifier
    smoc.devices[meter].mrid = "8f1c-uuid"
    smoc.devices[gas_meter].parent = "8f1c-uuid"
    smoc.devices[meter].latitude, smoc.devices[meter].longitude = "47.3769", "8.5417"
    smoc.devices[meter].seals = "A17 locked"
    smoc.devices[meter].planned.add(
        effective_time=at("2027-01-01T00:00:00Z"),
        kind="configuration",
        summary="Planned for 2027-01-01 00:00 UTC: lifecycle REMOVED",
        changes={"lifecycle": "REMOVED"},
    )
    async with running_bff(smoc) as bff:
        shown = (await bff.data(BEHIND, {"id": meter}))["device"]
        assert (shown["parentId"], shown["parent"]) == (gateway, {"deviceId": gateway})
        assert (shown["latitude"], shown["longitude"]) == (47.3769, 8.5417)
        assert shown["seals"] == "A17 locked"
        [plan] = shown["planned"]
        assert plan["effectiveAt"] == "2027-01-01T00:00:00+00:00"
        assert plan["changes"] == [{"name": "lifecycle", "value": "REMOVED"}]
        # Whoever names it as parent may do so by any of its names.
        [asked] = bff.smoc.requests("ListDevices")
        names = [smoc.devices[meter].device_identifier, "8f1c-uuid"]
        assert asked.filter == DeviceFilter(networks=["north"], parents=names)


async def test_a_device_shows_its_names_and_what_was_joined_into_it_or_it_into() -> None:
    smoc = smoc_with(3)
    kept, joined, behind = sorted(smoc.devices)
    smoc.devices[kept].joined.append(joined)
    smoc.devices[kept].identifiers.add(scheme="mrid", value="8f1c-uuid")
    smoc.devices[joined].joined_into = kept
    smoc.devices[behind].parent = "8f1c-uuid"
    smoc.answers["ListDeviceEvents"] = lambda _: ListDeviceEventsResponse(
        entries=[TimelineEntry(entry_id="1.0", kind="power-lost", device_id=joined)]
    )
    query = """query Joined($id: ID!) { device(id: $id) {
        identifiers { scheme value } joinedInto joined children { totalCount }
        timeline(first: 10) { edges { node { entryId deviceId } } } } }"""
    async with running_bff(smoc) as bff:
        shown = (await bff.data(query, {"id": kept}))["device"]
        assert shown["identifiers"] == [{"scheme": "mrid", "value": "8f1c-uuid"}]
        assert (shown["joinedInto"], shown["joined"]) == (None, [joined])
        [edge] = shown["timeline"]["edges"]
        assert edge["node"] == {"entryId": "1.0", "deviceId": joined}
        # Others may name any of the two as their parent, by any name.
        [asked] = bff.smoc.requests("ListDevices")
        identifiers = [smoc.devices[each].device_identifier for each in (kept, joined)]
        assert list(asked.filter.parents) == [*identifiers, "8f1c-uuid"]
        gone = (await bff.data(query, {"id": joined}))["device"]
        assert (gone["joinedInto"], gone["joined"], gone["identifiers"]) == (kept, [], [])


async def test_a_device_without_a_parent_or_with_one_that_is_not_held_shows_none() -> None:
    smoc = smoc_with(2)
    alone, other = sorted(smoc.devices)
    smoc.devices[other].parent = "GATEWAY-9"
    async with running_bff(smoc) as bff:
        first = (await bff.data(BEHIND, {"id": alone}))["device"]
        assert (first["parentId"], first["parent"], first["latitude"]) == (None, None, None)
        second = (await bff.data(BEHIND, {"id": other}))["device"]
        assert (second["parentId"], second["parent"]) == ("north/GATEWAY-9", None)


async def test_clusters_are_asked_for_and_told_as_the_map_needs_them() -> None:
    box = {"south": 47.0, "west": 8.0, "north": 48.0, "east": 9.0}
    smoc = smoc_with(1)
    smoc.answers["ListPlaceClusters"] = lambda _: ListPlaceClustersResponse(
        total_size=5,
        values=["ON", "OFF"],
        clusters=[
            PlaceCluster(
                box=GeoBox(**box), latitude=47.4, longitude=8.5, device_count=3, counts=[1, 2]
            )
        ],
        areas=[AreaCluster(network="north", area="Hafen", device_count=2, counts=[0, 2])],
        devices=[smoc.devices["north/1EMH0000000000"]],
    )
    query = """query Map($box: GeoBoxInput) {
        placeClusters(filter: {powers: ["OFF"], box: $box, placed: true}, box: $box,
            cells: 30, facet: POWER, devices: 50) {
            totalCount values nowhereCount extent { south }
            clusters { box { south west north east } latitude longitude deviceCount counts }
            areas { network area deviceCount counts } devices { deviceId } } }"""
    async with running_bff(smoc) as bff:
        told = (await bff.data(query, {"box": box}))["placeClusters"]
    assert told["clusters"] == [
        {"box": box, "latitude": 47.4, "longitude": 8.5, "deviceCount": 3, "counts": [1, 2]}
    ]
    assert told["areas"] == [
        {"network": "north", "area": "Hafen", "deviceCount": 2, "counts": [0, 2]}
    ]
    assert told["extent"] is None
    assert told["devices"] == [{"deviceId": "north/1EMH0000000000"}]
    assert smoc.requests("ListPlaceClusters") == [
        ListPlaceClustersRequest(
            filter=DeviceFilter(powers=["OFF"], box=GeoBox(**box), placed=True),
            box=GeoBox(**box),
            cells=30,
            facet="power",
            device_limit=50,
        )
    ]
