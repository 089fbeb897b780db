"""Who did what: deeds of the register and of the hub in one list, page by page."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from meterpark.device_hub.v1 import audit_service_pb2 as hub
from meterpark.smoc.v1 import audit_service_pb2 as register
from meterpark.smoc.v1.audit_service_pb2 import Deed

from bff.graph.asking.pages import Cursor
from bff.graph.audit.both import Part, merged
from tests.specs.bff.serving import Bff, running_bff, token
from tests.specs.bff.smoc_in_memory import Smoc, at, refused

LIST = """query Deeds($filter: DeedFilterInput, $first: Int!, $after: String) {
deeds(filter: $filter, first: $first, after: $after) {
edges { node { deedId kind cut } } pageInfo { hasNextPage endCursor } } }"""
# A deed's number, of whichever service.
NUMBERS = st.integers(0, 40)


def deed(number: int, kind: str) -> Deed:
    return Deed(deed_id=f"{number:020x}", kind=kind, time=at("2026-11-21T08:00:00Z"))


def listed(of_register: list[Deed], of_hub: list[Deed], at_once: int = 100) -> Callable[[Any], Any]:
    """Return how both answer: newest first, never more than ``at_once``."""

    def answer(request: Any) -> Any:
        at_hub = isinstance(request, hub.ListDeedsRequest)
        before = request.before_deed_id or "g"
        older = [each for each in (of_hub if at_hub else of_register) if each.deed_id < before]
        older.sort(key=lambda each: each.deed_id, reverse=True)
        shown = older[: min(request.page_size, at_once)]
        return (hub if at_hub else register).ListDeedsResponse(
            deeds=shown, next_page_token="more" if len(shown) < len(older) else ""
        )

    return answer


async def every(bff: Bff, first: int) -> list[str]:
    """Return the ids of all deeds, page by page."""
    found: list[str] = []
    after = None
    while True:
        page = (await bff.data(LIST, {"first": first, "after": after}))["deeds"]
        found += [edge["node"]["deedId"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert page["edges"]
        after = page["pageInfo"]["endCursor"]


async def test_deeds_of_register_and_hub_stand_in_one_list_newest_first() -> None:
    of_register = [deed(number, "acknowledge-alarm") for number in (1, 4, 5, 9)]
    of_hub = [deed(number, "join-devices") for number in (2, 3, 7)]
    smoc = Smoc()
    async with running_bff(smoc) as bff:
        bff.token = token("auditor")
        for at_once in (1, 2, 100):
            smoc.answers["ListDeeds"] = listed(of_register, of_hub, at_once)
            for first in (1, 2, 100):
                assert await every(bff, first) == [
                    f"{number:020x}" for number in (9, 7, 5, 4, 3, 2, 1)
                ]


async def test_both_are_asked_with_the_same_conditions_and_the_caller_s_token() -> None:
    smoc = Smoc()
    smoc.answers["ListDeeds"] = listed([], [])
    async with running_bff(smoc) as bff:
        bff.token = token("auditor")
        filter_ = {"usernames": ["anna"], "deviceId": "north/S1", "outcomes": ["REFUSED"]}
        place = Cursor(f"{7:020x}").text
        answer = await bff.data(LIST, {"filter": filter_, "first": 10, "after": place})
        assert answer["deeds"]["pageInfo"] == {"hasNextPage": False, "endCursor": place}
        wanted = register.DeedFilter(
            usernames=["anna"],
            device_id="north/S1",
            outcomes=[register.DeedOutcome.DEED_OUTCOME_REFUSED],
        )
        said: dict[str, Any] = {"filter": wanted, "page_size": 10, "before_deed_id": f"{7:020x}"}
        asked = smoc.requests("ListDeeds")
        assert len(asked) == 2
        assert register.ListDeedsRequest(**said) in asked
        assert hub.ListDeedsRequest(**said) in asked
        assert {sent["dapr-app-id"] for sent in smoc.sent} == {"smoc-service", "device-hub"}
        assert {sent["authorization"] for sent in smoc.sent} == {f"Bearer {bff.token}"}


async def test_when_one_of_both_does_not_answer_there_is_no_list_that_looks_whole() -> None:
    def without(silent: type) -> Callable[[Any], Any]:
        def answer(request: Any) -> Any:
            if isinstance(request, silent):
                raise refused("ROLE_MISSING", "not allowed")
            return listed([deed(1, "create-job")], [deed(2, "undo-join")])(request)

        return answer

    smoc = Smoc()
    async with running_bff(smoc) as bff:
        bff.token = token("auditor")
        for silent in (hub.ListDeedsRequest, register.ListDeedsRequest):
            smoc.answers["ListDeeds"] = without(silent)
            error = await bff.error(LIST, {"first": 10})
            assert error["extensions"]["code"] == "FORBIDDEN"


async def test_a_place_that_this_list_did_not_give_is_refused() -> None:
    smoc = Smoc()
    smoc.answers["ListDeeds"] = listed([], [])
    async with running_bff(smoc) as bff:
        bff.token = token("auditor")
        for wrong in ("?", Cursor("x" * 20).text, Cursor(f"{7:020x}", 3).text):
            error = await bff.error(LIST, {"first": 10, "after": wrong})
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert smoc.asked == []


async def test_a_list_of_both_counts_as_two_calls() -> None:
    async with running_bff(Smoc()) as bff:
        bff.token = token("auditor")
        lists = " ".join(f"a{number}: deeds {{ edges {{ cursor }} }}" for number in range(11))
        error = await bff.error(f"{{ {lists} }}")
        assert "22 calls" in error["message"]


async def test_a_deed_says_what_is_cut() -> None:
    long = deed(1, "create-job")
    long.cut.append("selection")
    smoc = Smoc()
    smoc.answers["ListDeeds"] = listed([long], [])
    async with running_bff(smoc) as bff:
        bff.token = token("auditor")
        [edge] = (await bff.data(LIST, {"first": 10}))["deeds"]["edges"]
        assert edge["node"]["cut"] == ["selection"]


@given(
    lists=st.lists(st.sets(NUMBERS), min_size=1, max_size=3),
    at_once=st.integers(1, 5),
    at_most=st.integers(1, 5),
)
def test_pages_hold_everything_once_in_order_however_little_is_answered(
    lists: list[set[int]], at_once: int, at_most: int
) -> None:
    # No two services store a deed under the same id.
    deeds = [
        sorted(f"{number:019x}{place}" for number in numbers) for place, numbers in enumerate(lists)
    ]
    found: list[str] = []
    more = True
    while more:
        parts = []
        for ids in deeds:
            older = [id_ for id_ in ids if not found or id_ < found[-1]]
            shown = older[::-1][:at_once]
            parts.append(
                Part(deeds=[Deed(deed_id=id_) for id_ in shown], more=len(shown) < len(older))
            )
        page, more = merged(parts, at_most)
        assert len(page) <= at_most
        assert page or not more
        found += [each.deed_id for each in page]
    assert found == sorted((id_ for ids in deeds for id_ in ids), reverse=True)
