"""When the register does not answer, or this process is wrong: clients learn a code, and nothing of our insides."""

import json
from typing import Any

import pytest
from meterpark.smoc.v1 import device_service_pb2

from tests.specs.bff.serving import running_bff
from tests.specs.bff.smoc_in_memory import Smoc, refused

ROLLOUT = '{ rollout(days: {start: "2026-11-01", end: "2026-11-21"}) { date installed } }'


async def test_a_method_that_is_not_there_yet_is_said_to_be_so() -> None:
    async with running_bff(Smoc()) as bff:
        error = await bff.error(ROLLOUT)
        assert error["message"] == "the operations centre does not answer this yet"
        assert error["extensions"] == {"code": "UNAVAILABLE"}


async def test_a_register_that_is_in_trouble_is_to_be_asked_again() -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("secret detail")

    smoc = Smoc()
    smoc.answers["GetRollout"] = fail
    async with running_bff(smoc) as bff:
        error = await bff.error(ROLLOUT)
        assert error["message"] == (
            "the operations centre cannot be reached at the moment: try again"
        )
        assert error["extensions"] == {"code": "UNAVAILABLE"}


async def test_a_refusal_keeps_its_reason_and_field() -> None:
    def fail(_: Any) -> Any:
        raise refused("ARGUMENT_INVALID", "start_date: after end_date", field="start_date")

    smoc = Smoc()
    smoc.answers["GetRollout"] = fail
    async with running_bff(smoc) as bff:
        error = await bff.error(ROLLOUT)
        assert error["message"] == "start_date: after end_date"
        assert error["extensions"] == {
            "code": "BAD_USER_INPUT",
            "reason": "ARGUMENT_INVALID",
            "field": "start_date",
        }


async def test_a_defect_is_masked_and_the_log_has_it_under_the_operations_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    smoc = Smoc()
    # No date: what the contract promises is not kept.
    smoc.answers["GetRollout"] = lambda _: device_service_pb2.GetRolloutResponse(
        days=[device_service_pb2.RolloutDay(date="secret")]
    )
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with running_bff(smoc) as bff:
        answer = await bff.post({"query": ROLLOUT}, traceparent=f"00-{trace}-00f067aa0ba902b7-01")
        [error] = answer["errors"]
        assert error["message"] == f"internal error, see the log for trace {trace}"
        assert error["extensions"] == {"code": "INTERNAL"}
        assert "secret" not in json.dumps(answer)
        assert smoc.sent[0]["traceparent"].split("-")[1] == trace
        assert bff.token not in capsys.readouterr().out


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Basic YTpi", "Bearer a b", "Bearer ä.b.c", "Bearer " + "x" * 9000, "x"],
)
async def test_what_is_no_bearer_token_is_refused_before_any_call(authorization: str) -> None:
    async with running_bff(Smoc()) as bff:
        bff.token = ""
        headers = {"authorization": authorization}
        answer = await bff.post({"query": "{ devices { totalCount } }"}, **headers)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert not bff.smoc.asked


async def test_a_token_that_cannot_be_read_gives_no_hint_and_goes_on_as_it_is() -> None:
    async with running_bff(Smoc()) as bff:
        bff.token = "not.a.token"  # noqa: S105
        viewer = (await bff.data("{ viewer { roles networks canChange } }"))["viewer"]
        assert viewer == {"roles": [], "networks": [], "canChange": False}
        await bff.data("{ devices { totalCount } }")
        assert bff.smoc.sent[0]["authorization"] == "Bearer not.a.token"
