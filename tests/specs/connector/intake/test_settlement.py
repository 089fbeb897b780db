"""A message is settled once, and only when everything in it has found its place."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from iec_connector.counters import Counters
from iec_connector.forwarding.forwarding import HubRefused, Outcome, Parcel, Verdict
from iec_connector.intake.settlement import Settlement
from iec_connector.quarantine import CONNECTOR_DEFECT, REPORT_REFUSED, Quarantine
from iec_connector.reading.reading import Reader, Understand
from iec_connector.replies.desk import ReplyDesk
from iec_connector.replies.response import ATTEMPT_SECONDS
from iec_connector.understanding import understand
from jms_transport import (
    Destination,
    Illegible,
    OutgoingMessage,
    TransportLost,
    TransportRefused,
)
from jms_transport.port import MESSAGE_MALFORMED
from tests.examples import examples
from tests.specs.connector.fakes import (
    AT,
    AT_ONCE,
    POSTPONED,
    RECORDED,
    SOURCE,
    UNAVAILABLE,
    FakeConnection,
    FakeDelivery,
    FakeHub,
    forwarder_to,
    incoming,
    refused,
    to_parcel,
    understand_words,
)


class Desk:
    """A forwarder, a quarantine and a settlement around a fake hub."""

    def __init__(
        self,
        hub: FakeHub,
        understand: Understand = understand_words,
        *,
        attempt_seconds: float = ATTEMPT_SECONDS,
    ) -> None:
        self.hub = hub
        self.counters = Counters()
        self.connection = FakeConnection()
        self.forwarder = forwarder_to(hub)
        self.reader = Reader(self.forwarder, to_parcel, understand)
        self.settlement = Settlement(
            source="hes-north",
            quarantine=Quarantine(hub.quarantine, AT_ONCE),
            quarantined_body_bytes=1024,
            replies_to=("queue://IEC20_OUT_*",),
            replies=ReplyDesk(self.counters, attempt_seconds=attempt_seconds),
            counters=self.counters,
            now=lambda: AT,
        )

    async def take(self, *deliveries: FakeDelivery) -> None:
        await self.settle_all(*deliveries)
        await self.settlement.replies.finished(20)

    async def settle_all(self, *deliveries: FakeDelivery) -> None:
        running = asyncio.create_task(self.forwarder.run())
        try:
            async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
                for delivery in deliveries:
                    message = delivery.message
                    reading = await self.reader.begin(
                        message.body,
                        SOURCE,
                        received_at=AT,
                        broker_message_id=message.message_id,
                        destination=message.destination,
                        illegible=message.illegible,
                    )
                    settle = self.settlement.settle(self.connection, delivery, reading, AT)
                    tasks.create_task(settle)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def refusing(device: str) -> FakeHub:
    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        at_fault = f"north/{device}"
        return [refused() if p.device_id == at_fault else RECORDED for p in parcels]

    return FakeHub(script)


async def test_a_message_that_was_taken_is_accepted_and_leaves_no_trace() -> None:
    desk, delivery = Desk(FakeHub()), FakeDelivery(incoming("A B"))
    await desk.take(delivery)
    assert delivery.log == ["accepted"]
    assert desk.hub.quarantined == []
    assert desk.counters["messages_taken"] == 1
    assert desk.counters["reports_taken"] == 2


async def test_a_message_that_nobody_wants_is_accepted_and_counted_and_not_quarantined() -> None:
    desk, delivery = Desk(FakeHub()), FakeDelivery(incoming("unwanted"))
    await desk.take(delivery)
    assert delivery.log == ["accepted"]
    assert desk.hub.quarantined == []
    assert desk.counters["messages_passed_over"] == 1
    assert desk.counters["passed_over_ignored_nouns"] == 1
    assert desk.counters["messages_taken"] == 0


async def test_an_unreadable_message_is_accepted_once_it_lies_in_the_quarantine() -> None:
    hub = FakeHub(quarantine_errors=[UNAVAILABLE, UNAVAILABLE])
    desk, delivery = Desk(hub), FakeDelivery(incoming("junk"))
    await desk.take(delivery)
    assert delivery.log == ["accepted"]
    [entry] = hub.quarantined
    assert entry.complaint.reason == "XML_MALFORMED"
    assert entry.complaint.place == "line 1"
    assert entry.body == b"junk"
    assert entry.body_kind == "text"
    assert entry.source == "hes-north"
    assert entry.destination == "queue://IEC20_PUSH"
    assert desk.counters["messages_unreadable"] == 1


async def test_the_same_message_again_is_the_same_entry() -> None:
    desk = Desk(FakeHub())
    await desk.take(*(FakeDelivery(incoming("junk", number)) for number in range(2)))
    first, second = desk.hub.quarantined
    assert first.quarantine_id == second.quarantine_id


async def test_a_message_that_is_sent_again_is_the_same_entry_whatever_the_broker_calls_it() -> (
    None
):
    desk = Desk(FakeHub(), understand)
    said = "<EventMessage><Header><Verb>created</Verb><Noun>CustomerNews</Noun></Header></EventMessage>"
    await desk.take(*(FakeDelivery(incoming(said, number)) for number in range(2)))
    first, second = desk.hub.quarantined
    assert first.complaint.reason == "NOUN_UNKNOWN"
    assert first.message_id != second.message_id, "the broker's id is told, and makes no new entry"
    assert first.quarantine_id == second.quarantine_id


async def test_a_message_that_the_transport_cannot_read_is_kept_as_it_came() -> None:
    illegible = Illegible(
        reason=MESSAGE_MALFORMED, detail="not an AMQP value", place="byte 7", kind="amqp"
    )
    message = replace(incoming(b"\x00\x53\x77\xff"), illegible=illegible)
    desk = Desk(FakeHub(), understand)
    deliveries = [FakeDelivery(message), FakeDelivery(incoming("junk", 2))]
    await desk.take(*deliveries)
    assert [delivery.log for delivery in deliveries] == [["accepted"], ["accepted"]]
    [entry, _] = sorted(desk.hub.quarantined, key=lambda kept: kept.complaint.reason)
    assert (entry.complaint.reason, entry.complaint.place) == (MESSAGE_MALFORMED, "byte 7")
    assert (entry.body, entry.body_kind) == (b"\x00\x53\x77\xff", "amqp")


async def test_text_with_half_a_surrogate_pair_is_kept_and_those_behind_it_are_settled() -> None:
    desk = Desk(FakeHub(), understand)
    deliveries = [FakeDelivery(incoming("<a>\ud800</a>", 1)), FakeDelivery(incoming("junk", 2))]
    await desk.take(*deliveries)
    assert [delivery.log for delivery in deliveries] == [["accepted"], ["accepted"]]
    [entry] = [kept for kept in desk.hub.quarantined if kept.complaint.reason == "TEXT_ENCODING"]
    assert entry.body == b"<a>\xed\xa0\x80</a>"
    assert entry.body_size_bytes == len(entry.body)


async def test_a_defect_in_settling_gives_that_message_to_the_dead_letter_queue() -> None:
    hub = FakeHub(quarantine_errors=[ZeroDivisionError("a bug")])
    deliveries = [FakeDelivery(incoming("junk", 1)), FakeDelivery(incoming("A", 2))]
    await Desk(hub).take(*deliveries)
    assert [delivery.log for delivery in deliveries] == [["rejected"], ["accepted"]]


class Blocked(FakeConnection):
    """Takes no reply, for ever."""

    async def send(self, destination: Destination, message: OutgoingMessage) -> None:
        del destination, message
        await asyncio.Event().wait()


async def test_a_reply_queue_that_takes_nothing_does_not_hold_up_the_source() -> None:
    # Whoever waited for the reply would wait longer than this test.
    desk = Desk(FakeHub(), attempt_seconds=3600)
    desk.connection = Blocked()
    deliveries = [FakeDelivery(incoming("ack A", number)) for number in range(50)]
    await desk.settle_all(*deliveries)
    assert [delivery.log for delivery in deliveries] == [["accepted"]] * 50
    await desk.settlement.replies.finished(0)
    assert desk.counters["replies_sent"] == 0


async def test_a_refused_report_brings_its_message_to_the_quarantine_and_the_others_stand() -> None:
    desk, delivery = Desk(refusing("B")), FakeDelivery(incoming("A B C"))
    await desk.take(delivery)
    assert delivery.log == ["accepted"]
    assert [p.device_id for p in desk.hub.recorded] == ["north/A", "north/C"]
    [entry] = desk.hub.quarantined
    assert entry.complaint.reason == REPORT_REFUSED
    assert "part 1: TIME_INVALID: north/B: year 10000" in entry.complaint.detail
    assert entry.complaint.detail.startswith("2 taken, 1 not")


async def test_a_part_that_could_not_be_read_brings_its_message_to_the_quarantine_too() -> None:
    desk, delivery = Desk(FakeHub()), FakeDelivery(incoming("A bad"))
    await desk.take(delivery)
    assert delivery.log == ["accepted"]
    [entry] = desk.hub.quarantined
    assert entry.complaint.reason == "DEVICE_MISSING"
    assert entry.complaint.place == "/word[1]"


async def test_a_defect_of_the_connector_stops_nobody_and_the_message_is_kept() -> None:
    desk = Desk(FakeHub())
    deliveries = [FakeDelivery(incoming("defect", 1)), FakeDelivery(incoming("A", 2))]
    await desk.take(*deliveries)
    assert [delivery.log for delivery in deliveries] == [["accepted"], ["accepted"]]
    assert [entry.complaint.reason for entry in desk.hub.quarantined] == [CONNECTOR_DEFECT]


async def test_what_even_the_quarantine_refuses_goes_to_the_dead_letter_queue() -> None:
    hub = FakeHub(quarantine_errors=[HubRefused("ARGUMENT_INVALID", "body")])
    desk, delivery = Desk(hub), FakeDelivery(incoming("junk"))
    await desk.take(delivery)
    assert delivery.log == ["rejected"]


async def test_a_delivery_that_was_lost_meanwhile_is_left_to_the_broker() -> None:
    desk, delivery = Desk(FakeHub()), FakeDelivery(incoming("A"), lost=True)
    await desk.take(delivery)
    assert delivery.log == []
    assert desk.counters["lost_before_settling"] == 1


async def test_a_body_over_the_limit_is_kept_cut_off_and_stays_whole_at_the_broker() -> None:
    desk, delivery = Desk(FakeHub()), FakeDelivery(incoming("bad " * 1000))
    await desk.take(delivery)
    assert delivery.log == ["rejected"]
    [entry] = desk.hub.quarantined
    assert "dead letters" in entry.complaint.detail
    assert entry.truncated
    assert len(entry.body) == 1024
    assert entry.body_size_bytes == 4000


def _result(body: str | bytes) -> str:
    return etree.fromstring(str(body).encode()).findtext(".//{*}Result") or ""


async def test_who_asks_for_an_acknowledgement_gets_one_once_the_message_is_settled() -> None:
    desk, delivery = Desk(refusing("B")), FakeDelivery(incoming("ack A B"))
    await desk.take(delivery)
    [(destination, message)] = desk.connection.sent
    assert destination == "queue://IEC20_OUT_north"
    assert message.correlation_id == "m-1"
    assert _result(message.body) == "PARTIAL"
    assert delivery.log == ["accepted"]


async def test_who_asks_for_an_acknowledgement_is_told_that_nothing_could_be_read() -> None:
    desk, delivery = Desk(FakeHub()), FakeDelivery(incoming("ack junk"))
    await desk.take(delivery)
    [(_, message)] = desk.connection.sent
    assert _result(message.body) == "FAILED"
    assert "DEVICE_MISSING" in str(message.body)
    assert delivery.log == ["accepted"]
    assert len(desk.hub.quarantined) == 1


@pytest.mark.slow
async def test_a_reply_that_fails_does_not_hold_up_the_message() -> None:
    for errors in ([TransportRefused("no permission")], [TransportLost("gone")] * 3):
        desk, delivery = Desk(FakeHub()), FakeDelivery(incoming("ack A"))
        desk.connection.send_errors = [*errors]
        await desk.take(delivery)
        assert desk.connection.sent == []
        assert delivery.log == ["accepted"]
        assert desk.counters["replies_failed"] == 1


class Observed(FakeDelivery):
    """Looks, when it is settled, at what had been done by then."""

    def __init__(self, body: str, number: int, hub: FakeHub, final: set[str]) -> None:
        super().__init__(incoming(body, number))
        self._hub = hub
        self._final = final

    async def _settle(self, how: str) -> None:
        words = str(self.message.body).split()
        wanted = {
            f"{self.message.message_id}-{index}"
            for index, word in enumerate(words)
            if word not in ("bad", "ack") and words != ["junk"]
        }
        assert wanted <= self._final
        if "bad" in words or "junk" in words or "REFUSED" in words:
            kept = {entry.body.decode() for entry in self._hub.quarantined}
            assert self.message.body in kept
        await super()._settle(how)


WORDS = st.one_of(
    st.just("junk"),
    st.lists(st.sampled_from(["A", "B", "C", "REFUSED", "bad", "ack"]), min_size=1, max_size=6).map(
        " ".join
    ),
)


@given(bodies=st.lists(WORDS, min_size=1, max_size=10), seed=st.integers(0, 2**32))
@examples(100)
async def test_every_message_is_settled_once_and_only_after_all_its_reports_are_final(
    bodies: list[str], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    final: set[str] = set()

    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict] | Exception:
        if chance.random() < 0.2:
            return UNAVAILABLE
        verdicts = []
        for one in parcels:
            verdict = refused() if one.device_id == "north/REFUSED" else RECORDED
            verdicts.append(POSTPONED if chance.random() < 0.2 else verdict)
        final.update(
            one.content
            for one, verdict in zip(parcels, verdicts, strict=True)
            if verdict.outcome is not Outcome.POSTPONED
        )
        return verdicts

    hub = FakeHub(script, quarantine_errors=[UNAVAILABLE] * chance.randrange(3))
    deliveries = [Observed(body, number, hub, final) for number, body in enumerate(bodies)]
    await Desk(hub).take(*deliveries)
    assert [delivery.log for delivery in deliveries] == [["accepted"]] * len(bodies)
