"""Whatever a client sends, a mistake is told as his, with what and where; never as a defect of ours."""

import pytest

from tests.attacks.requests import wrong_answers
from tests.specs.bff.serving import running_bff
from tests.specs.bff.smoc_in_memory import Smoc

DEVICES = "query Q($filter: DeviceFilterInput) { devices(filter: $filter) { totalCount } }"


async def test_what_no_request_may_bring_is_refused_before_it_runs() -> None:
    async with running_bff(Smoc()) as bff:
        assert await wrong_answers(f"{bff.url}/graphql", lambda: bff.token) == {}
        assert not bff.smoc.asked


async def test_errors_of_variables_end_after_a_few_are_short_and_suggest_nothing() -> None:
    async with running_bff(Smoc()) as bff:
        wrong = {f"model{number}": "x" * 2_000 for number in range(100)}
        answer = await bff.ask(DEVICES, {"filter": wrong})
        assert len(answer["errors"]) == 11
        assert answer["errors"][-1]["message"].startswith("Too many errors processing variables")
        for error in answer["errors"]:
            assert len(error["message"]) < 320
            assert "Did you mean" not in error["message"]
            assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        answer = await bff.ask("{ devices { " + " ".join(f"x{n}" for n in range(100)) + " } }")
        assert len(answer["errors"]) == 11


@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+23:59",
    ],
)
async def test_a_time_at_the_edge_of_the_calendar_is_the_clients_mistake(time: str) -> None:
    async with running_bff(Smoc()) as bff:
        age = {"facet": "POWER", "since": {"end": time}}
        error = await bff.error(DEVICES, {"filter": {"facetAges": [age]}})
        field = "filter.facetAges[0].since.end"
        assert error["message"] == f"{field}: a time of the years 1 to 9999, also in UTC"
        assert error["extensions"] == {
            "code": "BAD_USER_INPUT",
            "reason": "ARGUMENT_INVALID",
            "field": field,
        }
        assert not bff.smoc.asked


async def test_the_first_and_the_last_time_of_the_calendar_are_times() -> None:
    async with running_bff(Smoc()) as bff:
        for time in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
            age = {"facet": "POWER", "since": {"end": time}}
            assert await bff.data(DEVICES, {"filter": {"facetAges": [age]}})


@pytest.mark.parametrize("header", ["traceparent", "accept"])
async def test_a_header_that_is_no_text_changes_nothing(header: str) -> None:
    async with running_bff(Smoc()) as bff:
        answer = await bff.post({"query": "{ viewer { username } }"}, **{header: "\udcff\udc80"})
        assert answer["data"] == {"viewer": {"username": "anna"}}
