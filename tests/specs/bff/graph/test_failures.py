"""When the register does not answer, or this process is wrong: clients learn a code, and nothing of our insides."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterpark.smoc.v1 import device_service_pb2

from bearer_tokens.signing_keys import Keys, KeysNotRead, SigningKeys
from bearer_tokens.token_check import TokenCheck
from bff.door.callers import Callers
from bff.door.rate_limit import RateLimit
from tests.neighbours.issuer import ISSUER, claims, ec_key, signed
from tests.specs.bff.serving import KEY, running_bff, token
from tests.specs.bff.smoc_in_memory import NobodyFound, Smoc, refused

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


async def test_a_sidecar_that_is_being_replaced_costs_a_client_a_moment() -> None:
    smoc = Smoc()

    def answer(_: Any) -> device_service_pb2.GetRolloutResponse:
        if len(smoc.asked) < 3:
            raise NobodyFound
        day = device_service_pb2.RolloutDay(date="2026-11-21", installed=7)
        return device_service_pb2.GetRolloutResponse(days=[day])

    smoc.answers["GetRollout"] = answer
    async with running_bff(smoc) as bff:
        answered = await bff.post({"query": ROLLOUT})
        assert answered["data"] == {"rollout": [{"date": "2026-11-21", "installed": 7}]}
    assert [method for method, _ in smoc.asked] == ["GetRollout"] * 3


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


UNACCEPTED = {
    "no token": lambda: "not.a.token",
    "unsigned": lambda: f"{token().rpartition('.')[0]}.",
    "signed by somebody else": lambda: signed(ec_key("first"), claims()),
    "without a person": lambda: token(sub=None),
    "of a nameless person": lambda: token(sub=""),
    "for another service": lambda: token(aud=["device-hub"]),
    "an end that no calendar has": lambda: token(exp=253402300800),
    "brackets without end": lambda: f"e30.{urlsafe_b64encode(b'[' * 5001).decode()}.c2ln",
}


@pytest.mark.parametrize("made", UNACCEPTED.values(), ids=UNACCEPTED)
async def test_a_token_that_is_not_good_opens_nothing_and_is_one_line_of_the_log(
    made: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_bff(Smoc()) as bff:
        bff.token = made()
        answer = await bff.post({"query": "query Asked { viewer { __typename } }"})
        assert answer == {
            "data": None,
            "errors": [
                {
                    "message": "not authenticated",
                    "extensions": {"code": "UNAUTHENTICATED", "reason": "UNAUTHENTICATED"},
                }
            ],
        }
        assert not bff.smoc.asked
        written = capsys.readouterr().out
        assert written.count("token not accepted") == 1
        assert "Traceback" not in written
        assert bff.token not in written


async def test_an_expired_token_is_said_to_be_so() -> None:
    async with running_bff(Smoc()) as bff:
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        bff.token = signed(KEY, claims(at=hour_ago))
        error = await bff.error("{ viewer { username } }")
        assert error["extensions"] == {"code": "UNAUTHENTICATED", "reason": "TOKEN_EXPIRED"}


async def test_while_no_key_can_be_read_nobody_is_said_to_be_wrong() -> None:
    async def away() -> Keys:
        raise KeysNotRead("connection refused")

    check = TokenCheck(
        SigningKeys(away, pause_seconds=0.0),
        issuer=ISSUER,
        audience="smoc-service",
        leeway_seconds=2,
    )
    async with running_bff(Smoc(), callers=Callers(check, lambda: datetime.now(UTC))) as bff:
        error = await bff.error("{ viewer { username } }")
        assert error["extensions"] == {"code": "UNAVAILABLE"}


@pytest.mark.slow
async def test_invented_tokens_share_what_their_address_may_ask_and_take_nothing_of_a_person() -> (
    None
):
    requests = RateLimit(per_second=0.001, burst=3, keys_at_most=2)
    async with running_bff(Smoc(), requests=requests) as bff:
        good = bff.token
        codes = []
        for number in range(6):
            bff.token = signed(ec_key("first"), claims(sub=f"invented-{number}"))
            error = await bff.error("{ viewer { username } }")
            codes.append(error["extensions"]["code"])
        assert codes == ["UNAUTHENTICATED"] * 3 + ["TOO_MANY_REQUESTS"] * 3
        bff.token = good
        assert await bff.data("{ viewer { username } }")
        # Another token of the same person is no other share.
        for number in range(2):
            bff.token = token(jti=str(number))
            assert await bff.data("{ viewer { username } }")
        bff.token = token(jti="3")
        error = await bff.error("{ viewer { username } }")
        assert error["extensions"]["code"] == "TOO_MANY_REQUESTS"
