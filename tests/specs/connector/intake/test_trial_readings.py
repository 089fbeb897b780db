"""A message that a person brings is read as one of a source is, and nothing of it is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from meterpark.device_hub.v1.reading_pb2 import MessageUnderstood

from contract_limits import REPORTS_PER_READING, UNDERSTOOD_BYTES
from iec_connector.forwarding.forwarding import Batching, Forwarder, Parcel, Verdict
from iec_connector.hub.hub import to_parcel
from iec_connector.hub.reading_wire import ClaimedReading, Trial, understood_to_wire
from iec_connector.intake.trial_readings import TrialReadings
from iec_connector.reading.reading import Reader
from iec_connector.understanding import FixedNetwork, Source, load_event_codes
from service_chassis.retries import Backoff, Retries
from tests.system.messages import NOON, customer_news, events, meter_config

AT = datetime(2026, 3, 1, 13, tzinfo=UTC)
ONCE = Backoff(first_seconds=0.001, ceiling_seconds=0.001)
SOURCE = Source(name="hes-north", network=FixedNetwork(network="north"), codes=load_event_codes())


async def nobody(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
    raise AssertionError(f"{len(parcels)} reports of a trial were sent")


@dataclass
class Desk:
    """A person's messages, and what was understood of them."""

    asked: list[ClaimedReading] = field(default_factory=list)
    told: dict[str, MessageUnderstood] = field(default_factory=dict)

    async def claim(self) -> list[ClaimedReading]:
        asked, self.asked = self.asked, []
        return asked

    async def complete(self, reading: ClaimedReading, trial: Trial) -> None:
        self.told[reading.reading_id] = understood_to_wire(trial)

    async def read(self, body: str | bytes, source: str = "") -> MessageUnderstood:
        content = body.encode() if isinstance(body, str) else body
        self.asked.append(ClaimedReading(reading_id="r1", lease="l", source=source, body=content))
        forwarder = Forwarder(nobody, Batching(), ONCE)
        trials = TrialReadings(
            claim=self.claim,
            complete=self.complete,
            look=Reader(forwarder, to_parcel).look,
            sources={SOURCE.name: SOURCE},
            destinations={SOURCE.name: "queue://IEC20_PUSH"},
            retries=Retries("read", ONCE),
            now=lambda: AT,
        )
        assert await trials.once() == 1
        assert forwarder.unresolved == 0
        return self.told["r1"]


async def test_a_good_message_is_told_with_its_reports() -> None:
    told = await Desk().read(events(("M-1", "3.26.0.85", NOON), message_id="m-7"))
    assert (told.source, told.verb, told.noun) == ("hes-north", "created", "EndDeviceEvents")
    assert (told.message_id, told.network, told.report_count) == ("m-7", "north", 1)
    [report] = told.reports
    assert (report.network, report.device_identifier) == ("north", "M-1")
    assert report.event.code == "3.26.0.85"
    assert list(told.known_sources) == ["hes-north"]
    assert not told.HasField("unreadable")


async def test_no_secret_of_the_message_comes_back() -> None:
    told = await Desk().read(meter_config("M-1", "IN_OPERATION"))
    assert told.report_count == 1
    assert b"secret-4711" not in told.SerializeToString()


async def test_what_cannot_be_read_is_told_with_reason_and_place() -> None:
    told = await Desk().read(customer_news("new"))
    assert told.unreadable.reason == "NOUN_UNKNOWN"
    assert "line" in told.unreadable.place
    assert told.noun == "CustomerNews"


async def test_hostile_xml_is_refused_as_from_a_broker() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;&a;</x>'
    assert (await Desk().read(bomb)).unreadable.reason == "DTD_FORBIDDEN"
    assert (await Desk().read(b"\xff\xfe\x00")).HasField("unreadable")


async def test_a_source_that_is_not_configured_is_told_to_be_unknown() -> None:
    told = await Desk().read(customer_news("new"), source="hes-mars")
    assert told.unreadable.reason == "SOURCE_UNKNOWN"
    assert "hes-mars" in told.unreadable.detail


async def test_of_thousands_of_reports_and_problems_the_first_are_told_with_their_number() -> None:
    good = [(f"M-{number}", "3.26.0.85", NOON) for number in range(300)]
    bad = [("", "3.26.0.85", NOON) for _ in range(150)]
    told = await Desk().read(events(*good, *bad))
    assert (told.report_count, len(told.reports)) == (300, REPORTS_PER_READING)
    # Understanding itself gathers no more than so many.
    assert told.problem_count >= len(told.problems) == REPORTS_PER_READING
    assert told.ByteSize() < UNDERSTOOD_BYTES
