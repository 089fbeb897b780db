"""Devices, one and many."""

from tests.specs.bff.serving import API_TOKEN, running_bff
from tests.specs.bff.smoc_in_memory import Smoc, device

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
