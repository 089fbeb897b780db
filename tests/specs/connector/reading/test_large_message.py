"""A large message is read aside; who may speak of the same device waits for it, the others do not."""

import asyncio
import threading
from datetime import datetime

import pytest

from iec_connector.reading.large_message import LargeMessage, is_large
from iec_connector.understanding import Contact, Origin, Report, Source, Understood
from iec_connector.understanding.body.compressed import deflate
from tests.specs.connector.fakes import AT, FakeConnection, FakeHub, understand_words
from tests.specs.connector.intake.test_intake import Park, deliver, until_settled

TEXT = "<Names><name>LGZ0012345678</name></Names>" * 1000


def report(name: str) -> Report:
    return Report(
        report_id="r-1",
        network="north",
        device_identifier=name,
        received_at=AT,
        origin=Origin(source="hes-north", index=0),
        content=Contact(),
    )


@pytest.mark.parametrize(
    ("body", "large"),
    [
        ("<a/>", False),
        (TEXT, True),
        (TEXT.encode(), True),
        ("<Payload><Compressed>" + "H4sI" * 1000 + "</Compressed></Payload>", True),
        ("<Payload><Compressed>H4sI</Compressed></Payload>", False),
        (b"\x1f\x8b" + b"x" * 3000, True),
        ("<Payload>" + "x" * 3000 + "</Payload>", False),
    ],
)
def test_what_takes_long_to_read_is_large_also_when_it_is_compressed(
    *, body: str | bytes, large: bool
) -> None:
    assert is_large(body) is large


@pytest.mark.parametrize(
    ("body", "name", "may"),
    [
        (TEXT, "LGZ0012345678", True),
        (TEXT, "LGZ0087654321", False),
        (TEXT.encode(), "LGZ0012345678", True),
        (TEXT.encode(), "LGZ0087654321", False),
        # Where the text does not tell, the message may speak of anybody.
        (TEXT.encode("utf-16"), "LGZ0087654321", True),
        ("<a>" + deflate(TEXT.encode()) + "<Compressed/></a>", "LGZ0087654321", True),
        (TEXT + "&#76;GZ0087654321", "LGZ0087654321", True),
        (TEXT, "A & B", True),
        (TEXT, "Zähler-7", True),
    ],
)
def test_a_large_message_may_speak_of_whom_its_text_names_or_of_all_when_that_cannot_be_told(
    *, body: str | bytes, name: str, may: bool
) -> None:
    assert LargeMessage(body).may_name([report(name)]) is may


def test_a_source_that_respells_names_does_not_trust_the_text() -> None:
    assert LargeMessage(TEXT, respelled=True).may_name([report("LGZ0087654321")])


def test_a_message_that_has_passed_holds_up_nobody() -> None:
    large = LargeMessage(TEXT)
    large.let_pass()
    assert not large.may_name([report("LGZ0012345678")])


def padded(words: str) -> str:
    return words + " " * 40_000


class Slowly:
    """Understands words; a large message only when it is told to."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __call__(
        self,
        body: str | bytes,
        source: Source,
        *,
        received_at: datetime,
        broker_message_id: str,
        destination: str,
    ) -> Understood:
        if is_large(body):
            assert self.go_on.wait(20)
        return understand_words(
            body,
            source,
            received_at=received_at,
            broker_message_id=broker_message_id,
            destination=destination,
        )


async def test_messages_behind_a_large_one_go_on_unless_they_speak_of_the_same_device() -> None:
    slowly, connection = Slowly(), FakeConnection()
    async with Park(FakeHub(), [connection], slowly) as park:
        large, other, same, last = deliver(connection, padded("HOT " * 30), "B", "HOT", "C")
        await until_settled(other)
        for _ in range(20):
            await asyncio.sleep(0)
        assert (large.log, same.log, last.log) == ([], [], [])
        slowly.go_on.set()
        await until_settled(large, same, last)
    of_hot = [one.content for one in park.hub.recorded if one.device_id == "north/HOT"]
    assert of_hot == [*(f"ID:broker-0-{n}" for n in range(30)), "ID:broker-2-0"]


async def test_large_messages_stay_in_order_among_themselves() -> None:
    slowly, connection = Slowly(), FakeConnection()
    async with Park(FakeHub(), [connection], slowly) as park:
        first, second = deliver(connection, padded("A " * 9), padded("A " * 9))
        slowly.go_on.set()
        await until_settled(first, second)
    recorded = [one.content for one in park.hub.recorded]
    assert recorded == [f"ID:broker-{m}-{n}" for m in range(2) for n in range(9)]


async def test_a_large_message_that_cannot_be_read_lets_the_others_pass() -> None:
    connection = FakeConnection()
    async with Park(FakeHub(), [connection]) as park:
        large, behind = deliver(connection, padded("junk"), "A")
        await until_settled(large, behind)
        assert len(park.hub.quarantined) == 1
    assert behind.log == ["accepted"]
