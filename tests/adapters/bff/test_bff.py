"""The bff before a real register: its gRPC server with its locks, and a real MongoDB."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bff.graph.asking.services import services_on
from service_chassis.settings import SidecarSettings
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.bff.listening import listening
from tests.specs.bff.serving import Bff, bff_before, callers_with
from tests.specs.bff.smoc_in_memory import Smoc as NoSmoc
from tests.specs.smoc.messages import device, entry, provision

PAGE = """
query Page($filter: DeviceFilterInput, $after: String) {
  devices(filter: $filter, orderBy: [{by: MODEL, direction: DESC}, {by: DEVICE_ID}], first: 2, after: $after) {
    totalCount
    edges { node { deviceId model power { value } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PARK = [
    device("north/1", 1, model="E450"),
    device("north/2", 1, model="OMNIPOWER", power="OFF"),
    device("north/3", 1, model="AM550"),
    device("south/4", 1, model="E450"),
]


@asynccontextmanager
async def bff_and_smoc(mongod_url: str) -> AsyncIterator[tuple[Bff, Smoc]]:
    before = [provision(each, [entry(1, 0)]) for each in PARK]
    async with running(mongod_url, before=before) as smoc:
        services = services_on(smoc.channel, SidecarSettings(dapr_grpc_port=1), 10.0)
        callers = callers_with(smoc.issuer.key)
        async with bff_before(services, NoSmoc(), callers=callers) as bff:
            bff.token = smoc.issuer.token(roles=["asset-viewer"], networks=["north"])
            yield bff, smoc


async def test_a_caller_pages_through_what_his_token_shows_him(mongod_url: str) -> None:
    async with bff_and_smoc(mongod_url) as (bff, _):
        seen, after = [], None
        while True:
            page = (await bff.data(PAGE, {"after": after}))["devices"]
            assert page["totalCount"] == 3
            seen += [edge["node"]["deviceId"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert seen == ["north/2", "north/1", "north/3"]
        dark = (await bff.data(PAGE, {"filter": {"powers": ["OFF"]}}))["devices"]
        assert [edge["node"]["deviceId"] for edge in dark["edges"]] == ["north/2"]
        error = await bff.error(PAGE, {"filter": {"powers": ["DARK"]}})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["extensions"]["field"]


async def test_one_device_with_its_timeline_its_alarms_and_its_past(mongod_url: str) -> None:
    async with bff_and_smoc(mongod_url) as (bff, _):
        found = await bff.data(
            """{ device(id: "north/1") { model timeline { edges { node { entryId kind } } }
            alarms { edges { node { rule } } } at(time: "2000-01-01T00:00:00Z") { incomplete } }
            unknown: device(id: "north/9") { model } }"""
        )
        assert found["device"]["model"] == "E450"
        assert [one["node"]["entryId"] for one in found["device"]["timeline"]["edges"]] == ["1.0"]
        assert found["device"]["alarms"]["edges"] == []
        assert found["device"]["at"] is None
        assert found["unknown"] is None


async def test_what_is_not_his_is_forbidden_and_a_viewer_changes_nothing(mongod_url: str) -> None:
    async with bff_and_smoc(mongod_url) as (bff, smoc):
        error = await bff.error('{ device(id: "south/4") { model } }')
        assert error["extensions"] == {"code": "FORBIDDEN", "reason": "NETWORK_DENIED"}
        change = await bff.data(
            """mutation { acknowledgeAlarm(alarmId: "north/0123456789ab01234567",
            requestId: "0b6e1d0a-6f0b-4a5e-9d3e-6c1f7a9b2c3d") {
            __typename ... on NotAllowed { reason } } }"""
        )
        assert change["acknowledgeAlarm"] == {"__typename": "NotAllowed", "reason": "ROLE_MISSING"}
        bff.token = smoc.issuer.token(roles=["asset-manager"], networks=["north"])
        change = await bff.data(
            """mutation { acknowledgeAlarm(alarmId: "north/0123456789ab01234567",
            requestId: "0b6e1d0a-6f0b-4a5e-9d3e-6c1f7a9b2c3d") { __typename } }"""
        )
        assert change["acknowledgeAlarm"] == {"__typename": "AlarmUnknown"}
        bff.token = smoc.issuer.token(networks=["north"], life=timedelta(seconds=-60))
        error = await bff.error("{ devices { totalCount } }")
        assert error["extensions"] == {"code": "UNAUTHENTICATED", "reason": "TOKEN_EXPIRED"}


async def test_counts_and_the_summary_are_cut_to_his_networks(mongod_url: str) -> None:
    async with bff_and_smoc(mongod_url) as (bff, _):
        answer = await bff.data(
            """{ deviceCounts(dimensions: [MODEL], values: 1) { totalCount cutDimensions
            counts { dimension value deviceCount } } parkSummary { deviceCount } }"""
        )
        assert answer["parkSummary"]["deviceCount"] == 3
        counts = answer["deviceCounts"]
        assert counts["totalCount"] == 3
        assert counts["cutDimensions"] == ["MODEL"]
        assert [one["deviceCount"] for one in counts["counts"]] == [1]


async def test_a_subscriber_sees_a_change_and_resumes_where_he_left(mongod_url: str) -> None:
    query = """subscription S($position: String) { deviceChanged(position: $position) {
        position device { deviceId revision } } }"""
    async with bff_and_smoc(mongod_url) as (bff, smoc), asyncio.timeout(60):
        async with listening(bff, query) as events:
            first = (await events.result())["data"]["deviceChanged"]
            assert first["device"] is None
        await smoc.provision(provision(device("north/2", 2)), provision(device("south/4", 2)))
        async with listening(bff, query, {"position": first["position"]}) as events:
            while True:
                change = (await events.result())["data"]["deviceChanged"]
                if change["device"] is not None:
                    break
            assert change["device"] == {"deviceId": "north/2", "revision": 2}
        async with listening(bff, query, {"position": "nonsense"}) as events:
            [error] = (await events.result())["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
