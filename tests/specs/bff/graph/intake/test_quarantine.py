"""The quarantine: asked of the hub, with the caller's token, and what it refuses comes as a type."""

from typing import Any

from meterpark.device_hub.v1 import quarantine_pb2

from tests.specs.bff.serving import Bff, running_bff, token
from tests.specs.bff.smoc_in_memory import Smoc, at, refused, unknown

MESSAGE = quarantine_pb2.QuarantinedMessage(
    quarantine_id="0123abcd",
    source="north",
    network="north",
    destination="queue://IEC20_PUSH",
    message_id="ID:1",
    verb="created",
    noun="CustomerNews",
    received_time=at("2026-11-21T08:00:00Z"),
    reason="NOUN_UNKNOWN",
    detail="the noun CustomerNews is not read",
    place="/EventMessage/Payload/CustomerNews, line 9",
    body_size_bytes=512,
    state=quarantine_pb2.QUARANTINE_STATE_OPEN,
    quarantined_time=at("2026-11-21T08:00:01Z"),
    changed_time=at("2026-11-21T08:00:01Z"),
)
LIST = """query List($reason: String, $after: String) {
  quarantinedMessages(state: OPEN, reason: $reason, first: 1, after: $after) {
    totalCount totalCountIsMinimum
    edges { cursor node { quarantineId state network reason place receivedAt bodySizeBytes } }
    pageInfo { hasNextPage endCursor }
  }
}"""
REPLAY = """mutation Replay($ids: [ID!], $reason: String) {
  replayQuarantinedMessages(requestId: "r1", quarantineIds: $ids, reason: $reason) {
    __typename
    ... on ReplayRequested { requestedCount notReplayableCount }
    ... on Refusal { message }
  }
}"""


def engineer(bff: Bff) -> Bff:
    bff.token = token("integration-engineer")
    return bff


def listing(request: Any) -> quarantine_pb2.ListQuarantinedMessagesResponse:
    return quarantine_pb2.ListQuarantinedMessagesResponse(
        messages=[MESSAGE],
        next_page_token="" if request.page_token else "second",
        total_count=10_000,
        total_count_is_minimum=True,
    )


async def test_the_quarantine_is_listed_page_by_page_with_the_callers_token() -> None:
    smoc = Smoc(answers={"ListQuarantinedMessages": listing})
    async with running_bff(smoc) as bff:
        found = (await engineer(bff).data(LIST, {"reason": "NOUN_UNKNOWN"}))["quarantinedMessages"]
        assert (found["totalCount"], found["totalCountIsMinimum"]) == (10_000, True)
        [edge] = found["edges"]
        assert edge["node"] == {
            "quarantineId": "0123abcd",
            "state": "OPEN",
            "network": "north",
            "reason": "NOUN_UNKNOWN",
            "place": "/EventMessage/Payload/CustomerNews, line 9",
            "receivedAt": "2026-11-21T08:00:00+00:00",
            "bodySizeBytes": 512,
        }
        await bff.data(LIST, {"after": found["pageInfo"]["endCursor"]})
        first, second = smoc.requests("ListQuarantinedMessages")
        assert first == quarantine_pb2.ListQuarantinedMessagesRequest(
            state=quarantine_pb2.QUARANTINE_STATE_OPEN, reason="NOUN_UNKNOWN", page_size=1
        )
        assert second.page_token.startswith("second")
        for sent in smoc.sent:
            assert sent["dapr-app-id"] == "device-hub"
            assert sent["authorization"] == f"Bearer {bff.token}"


async def test_a_message_that_the_quarantine_does_not_hold_is_null() -> None:
    def none(_: Any) -> Any:
        raise unknown("QUARANTINED_MESSAGE_UNKNOWN")

    smoc = Smoc(answers={"GetQuarantinedMessage": none})
    async with running_bff(smoc) as bff:
        found = await engineer(bff).data('{ quarantinedMessage(id: "9") { reason } }')
        assert found == {"quarantinedMessage": None}


async def test_one_or_all_of_a_reason_are_asked_for_again() -> None:
    smoc = Smoc()
    smoc.answers["ReplayQuarantinedMessages"] = lambda request: (
        quarantine_pb2.ReplayQuarantinedMessagesResponse(
            requested_count=len(request.quarantine_ids) or 40, not_replayable_count=2
        )
    )
    async with running_bff(smoc) as bff:
        one = await engineer(bff).data(REPLAY, {"ids": ["0123abcd"]})
        assert one["replayQuarantinedMessages"]["requestedCount"] == 1
        every = await bff.data(REPLAY, {"reason": "NOUN_UNKNOWN"})
        assert every["replayQuarantinedMessages"] == {
            "__typename": "ReplayRequested",
            "requestedCount": 40,
            "notReplayableCount": 2,
        }
        first, second = smoc.requests("ReplayQuarantinedMessages")
        assert not first.all_open
        assert second == quarantine_pb2.ReplayQuarantinedMessagesRequest(
            all_open=True, reason="NOUN_UNKNOWN", replay_id="r1"
        )


async def test_no_message_at_all_is_not_all_of_them() -> None:
    def none(_: Any) -> Any:
        raise refused("ARGUMENT_INVALID", "give either ids or all_open", field="quarantine_ids")

    smoc = Smoc(answers={"ReplayQuarantinedMessages": none})
    async with running_bff(smoc) as bff:
        answer = await engineer(bff).data(REPLAY, {"ids": []})
        assert answer["replayQuarantinedMessages"]["__typename"] == "ArgumentInvalid"
        [request] = smoc.requests("ReplayQuarantinedMessages")
        assert not request.all_open


async def test_a_hub_that_is_away_is_said_to_be_away() -> None:
    async with running_bff(Smoc()) as bff:
        error = await engineer(bff).error(LIST)
        assert error["message"] == "the device hub does not answer this yet"
        assert error["extensions"] == {"code": "UNAVAILABLE"}


async def test_the_text_of_a_message_is_read_on_in_the_encoding_that_its_beginning_tells() -> None:
    text = '<?xml version="1.0" encoding="iso-8859-1"?>' + "é" * 100_000
    body = text.encode("iso-8859-1")

    def piece(request: Any) -> quarantine_pb2.GetQuarantinedMessageResponse:
        message = quarantine_pb2.QuarantinedMessage()
        message.CopyFrom(MESSAGE)
        message.body_kind, message.kept_size_bytes = "bytes", len(body)
        message.body = body[request.body_offset :]
        return quarantine_pb2.GetQuarantinedMessageResponse(message=message)

    question = """query Read($offset: Float) {
      quarantinedMessage(id: "0123abcd") { text(offset: $offset) { text nextOffset } }
    }"""
    async with running_bff(Smoc(answers={"GetQuarantinedMessage": piece})) as bff:
        seen = ""
        offset: int | None = 0
        while offset is not None:
            found = await engineer(bff).data(question, {"offset": offset})
            told = found["quarantinedMessage"]["text"]
            seen, offset = seen + told["text"], told["nextOffset"]
        assert seen == text
