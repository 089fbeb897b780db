"""Messages that a person wants to be read again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from iec_connector.counters import Counters
from iec_connector.forwarding.forwarding import Parcel, Verdict
from iec_connector.hub.quarantine_wire import ClaimedReplay, CompletedReplay
from iec_connector.intake.replays import Replays
from iec_connector.quarantine import CONNECTOR_DEFECT, REPORT_REFUSED, SOURCE_UNKNOWN
from iec_connector.reading.reading import Reader
from service_chassis.retries import Retries
from tests.neighbours.odd_amqp import encoded
from tests.specs.connector.fakes import (
    AT,
    AT_ONCE,
    SOURCE,
    UNAVAILABLE,
    FakeHub,
    forwarder_to,
    refused,
    to_parcel,
    understand_words,
)


@dataclass
class Desk:
    """The hub's quarantine, seen from the connector."""

    waiting: list[ClaimedReplay]
    completed: list[CompletedReplay] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def claim(self, limit: int) -> Sequence[ClaimedReplay]:
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        claimed, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return claimed

    async def complete(self, completed: Sequence[CompletedReplay]) -> None:
        self.completed += completed
        if not self.waiting:
            self.done.set()


def replay(body: str | bytes, name: str = "q-1", source: str = "hes-north") -> ClaimedReplay:
    return ClaimedReplay(
        quarantine_id=name,
        lease="lease-1",
        source=source,
        destination="queue://IEC20_PUSH",
        message_id="ID:broker-7",
        received_at=AT,
        body=body,
        body_kind="text",
    )


async def read_again(hub: FakeHub, desk: Desk) -> list[CompletedReplay]:
    forwarder = forwarder_to(hub)
    replays = Replays(
        claim=desk.claim,
        complete=desk.complete,
        sources={"hes-north": SOURCE},
        reader=Reader(forwarder, to_parcel, understand_words),
        counters=Counters(),
        retries=Retries("read again", AT_ONCE),
    )
    tasks = [asyncio.create_task(forwarder.run()), asyncio.create_task(replays.run(0.0))]
    await asyncio.wait_for(desk.done.wait(), 20)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return desk.completed


async def test_a_message_that_can_be_read_now_is_recorded_and_resolved() -> None:
    hub = FakeHub()
    [completed] = await read_again(hub, Desk([replay("A")]))
    assert completed == CompletedReplay(quarantine_id="q-1", lease="lease-1", complaint=None)
    # The same id as when it came from the broker, so that it counts once.
    assert [parcel.content for parcel in hub.recorded] == ["ID:broker-7-0"]


async def test_a_message_that_still_cannot_be_read_says_why() -> None:
    [completed] = await read_again(FakeHub(), Desk([replay("junk")]))
    assert completed.complaint is not None
    assert completed.complaint.reason == "XML_MALFORMED"


async def test_a_report_that_is_refused_again_says_so() -> None:
    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        return [refused() for _ in parcels]

    [completed] = await read_again(FakeHub(script), Desk([replay("A")]))
    assert completed.complaint is not None
    assert completed.complaint.reason == REPORT_REFUSED


async def test_a_message_of_a_source_that_is_not_configured_says_so() -> None:
    [completed] = await read_again(FakeHub(), Desk([replay("A", source="hes-west")]))
    assert completed.complaint is not None
    assert completed.complaint.reason == SOURCE_UNKNOWN
    assert "hes-west" in completed.complaint.detail


async def test_more_than_are_claimed_at_once_are_all_read_even_if_the_hub_was_away() -> None:
    desk = Desk([replay(f"M{n}", f"q-{n}") for n in range(45)], errors=[UNAVAILABLE, UNAVAILABLE])
    completed = await read_again(FakeHub(), desk)
    assert {one.quarantine_id for one in completed} == {f"q-{n}" for n in range(45)}


async def test_messages_of_one_device_are_read_again_in_their_order() -> None:
    """A large body is read on a thread: the small one behind it must not overtake it."""
    hub = FakeHub()
    large = replace(replay("A" + " " * 500_000), message_id="ID:first")
    small = replace(replay("A", "q-2"), message_id="ID:second")
    completed = await read_again(hub, Desk([large, small]))
    assert [parcel.content for parcel in hub.recorded] == ["ID:first-0", "ID:second-0"]
    assert [one.quarantine_id for one in completed] == ["q-1", "q-2"]


async def test_a_message_that_the_transport_could_not_read_is_tried_by_it_again() -> None:
    hub = FakeHub()
    legible = replace(replay(encoded("A")), body_kind="amqp")
    illegible = replace(replay(b"no message", "q-2"), body_kind="amqp")
    resolved, failed = await read_again(hub, Desk([legible, illegible]))
    assert resolved.complaint is None
    assert [parcel.device_id for parcel in hub.recorded] == ["north/A"]
    assert failed.complaint is not None
    assert (failed.complaint.reason, failed.complaint.place) == ("MESSAGE_MALFORMED", "byte 0")


async def test_a_replay_that_meets_a_defect_fails_alone() -> None:
    odd = replace(replay(encoded("A")), body_kind="amqp", destination="nowhere")
    failed, resolved = await read_again(FakeHub(), Desk([odd, replay("A", "q-2")]))
    assert failed.complaint is not None
    assert failed.complaint.reason == CONNECTOR_DEFECT
    assert resolved.complaint is None
