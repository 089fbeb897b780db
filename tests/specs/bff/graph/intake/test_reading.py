"""A message that a person brings goes to the hub as bytes; what was understood comes back as names and texts."""

import base64
from typing import Any

from meterpark.device_hub.v1 import reading_pb2, report_pb2

from contract_limits import READING_BYTES
from tests.specs.bff.graph.intake.test_quarantine import engineer
from tests.specs.bff.serving import running_bff
from tests.specs.bff.smoc_in_memory import Smoc, at, unknown

REQUEST = """mutation Request($content: String!) {
  requestMessageReading(requestId: "r1", content: $content, source: "hes") {
    __typename ... on ReadingRequested { readingId } ... on Refusal { message }
  }
}"""
READING = """{ messageReading(id: "r1") { requestedAt understood {
  source noun network unreadable { reason place } reportCount problemCount
  reports { deviceId kind occurredAt zoneAssumed effectiveLater identifiers { name value } facts { name value } }
  passedOver { name value }
} } }"""
UNDERSTOOD = reading_pb2.MessageUnderstood(
    source="hes",
    noun="EndDeviceEvents",
    network="north",
    report_count=1,
    passed_over={"readings": 3},
    reports=[
        report_pb2.Report(
            network="north",
            device_identifier="M-1",
            occurred_time=at("2026-03-01T12:00:00Z"),
            identifiers=[report_pb2.Identifier(scheme="serial_number", value="M-1")],
            event=report_pb2.DeviceEvent(
                code="3.26.0.85",
                meaning=report_pb2.MEANING_POWER_LOST,
                details={"b": "2", "a": "1"},
            ),
        )
    ],
)


def answering(understood: reading_pb2.MessageUnderstood | None) -> Smoc:
    smoc = Smoc()
    smoc.answers["RequestReading"] = lambda _: reading_pb2.RequestReadingResponse()
    smoc.answers["GetReading"] = lambda _: reading_pb2.GetReadingResponse(
        state=(
            reading_pb2.READING_STATE_WAITING
            if understood is None
            else reading_pb2.READING_STATE_DONE
        ),
        requested_time=at("2026-03-01T12:00:00Z"),
        understood=understood,
    )
    return smoc


async def test_what_was_understood_is_told_by_report_with_what_it_says() -> None:
    smoc = answering(UNDERSTOOD)
    async with running_bff(smoc) as bff:
        content = base64.b64encode(b"<a/>").decode()
        asked = await engineer(bff).data(REQUEST, {"content": content})
        assert asked["requestMessageReading"]["readingId"] == "r1"
        [request] = smoc.requests("RequestReading")
        assert (request.reading_id, request.source, request.body) == ("r1", "hes", b"<a/>")
        told = (await bff.data(READING))["messageReading"]["understood"]
        assert told["passedOver"] == [{"name": "readings", "value": "3"}]
        [report] = told["reports"]
        assert report["facts"] == [
            {"name": "code", "value": "3.26.0.85"},
            {"name": "meaning", "value": "POWER_LOST"},
            {"name": "details", "value": "a=1, b=2"},
        ]
        assert (report["deviceId"], report["kind"]) == ("north/M-1", "event")
        assert report["identifiers"] == [{"name": "serial_number", "value": "M-1"}]


async def test_one_that_waits_has_nothing_understood_and_one_that_is_forgotten_is_null() -> None:
    async with running_bff(answering(None)) as bff:
        waiting = (await engineer(bff).data(READING))["messageReading"]
        assert waiting == {"requestedAt": "2026-03-01T12:00:00+00:00", "understood": None}

        def none(_: Any) -> Any:
            raise unknown("READING_UNKNOWN")

        bff.smoc.answers["GetReading"] = none
        assert (await bff.data(READING))["messageReading"] is None


async def test_what_is_no_base64_or_too_much_is_refused_before_the_hub_is_asked() -> None:
    smoc = answering(None)
    async with running_bff(smoc) as bff:
        large = base64.b64encode(b"x" * (READING_BYTES + 1)).decode()
        for content in ("<a/>", large):
            answer = await engineer(bff).data(REQUEST, {"content": content})
            assert answer["requestMessageReading"]["__typename"] == "ArgumentInvalid"
        assert not smoc.asked
