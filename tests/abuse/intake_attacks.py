"""Attacks on the intake: bodies that no head-end system should send, and bursts that real ones do send."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from meterpark.device_hub.v1 import quarantine_pb2

from tests.abuse.attack import Case
from tests.abuse.target import Target
from tests.neighbours.odd_amqp import ODD_TIME, encoded, send_raw
from tests.system.messages import NOON, events, meter_config
from tests.system.park import DESTINATION, until

_PATIENCE_SECONDS = 120
_POWER_LOST = "3.26.0.85"
_BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><EventMessage>&c;</EventMessage>'
)


def bodies() -> Iterator[tuple[str, str | bytes]]:
    """Bodies of which nothing can be recorded: each must lie in the quarantine afterwards."""
    good = meter_config("ABUSE-0", "Active")
    yield "nothing", ""
    yield "blanks", " \n "
    yield "no XML", "power lost at 4711"
    yield "half", good[: len(good) // 2]
    yield "entities that multiply", _BOMB
    yield (
        "a file by entity",
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><EventMessage>&f;</EventMessage>',
    )
    yield "a DTD from elsewhere", '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><EventMessage/>'
    yield "a thousand levels", "<a>" * 1_000 + "</a>" * 1_000
    yield "a million elements", "<EventMessage>" + "<a/>" * 1_600_000 + "</EventMessage>"
    yield "bytes of no encoding", b"<EventMessage>\xff\xfe\xfa</EventMessage>"
    yield "an encoding that lies", b'<?xml version="1.0" encoding="UTF-16"?><EventMessage/>'
    yield "NUL", "<EventMessage>\x00</EventMessage>"
    yield "a namespace of another standard", '<Message xmlns="urn:nowhere"><Header/></Message>'
    yield "a payload that inflates to 80 MB", _compressed(b"<a>" + b" " * 80_000_000 + b"</a>")
    yield "a payload that is no gzip", _payload("<Compressed>bm90IGd6aXA=</Compressed>")
    yield "an identifier of 5,000 characters", meter_config("9" * 5_000, "Active")
    yield "an identifier with a slash", meter_config("a/b", "Active")
    yield "no identifier", events(("", _POWER_LOST, NOON))
    yield "an unknown noun", good.replace("MeterConfig", "NothingConfig")
    yield "a message of 10,001 events", events(*[("ABUSE-1", _POWER_LOST, NOON)] * 10_001)


async def odd_bodies(target: Target) -> AsyncIterator[Case]:
    """Every odd body, published together: each ends in the quarantine, none is lost."""
    before = await _quarantined(target)
    sent = list(bodies())
    for _, body in sent:
        await target.park.publish(body)
    try:
        count = await until(
            partial(_quarantined, target),
            lambda found: found >= before + len(sent),
            patience_seconds=_PATIENCE_SECONDS,
        )
    except AssertionError as error:
        yield Case("all odd bodies in the quarantine", str(error))
        return
    wrong = "" if count == before + len(sent) else f"{count - before} of {len(sent)}"
    yield Case("as many as were sent", wrong)
    for name, _ in sent:
        yield Case(name)


async def odd_messages(target: Target) -> AsyncIterator[Case]:
    """Messages that are odd around the body or in their encoding: the good ones among them arrive, none blocks."""
    serials: list[tuple[str, str]] = []
    messages: list[bytes] = []

    def read_all_the_same(name: str, *, as_bytes: str = "", **around: Any) -> None:
        serial = f"ODDLY-{len(serials)}"
        serials.append((name, serial))
        body = events((serial, _POWER_LOST, NOON))
        messages.append(
            encoded(body.encode(as_bytes), in_data=True, **around)
            if as_bytes
            else encoded(body, **around)
        )

    before = await _quarantined(target)
    for _ in range(target.size.examples):
        read_all_the_same("a creation time of microseconds", **ODD_TIME)
        read_all_the_same("an id of bytes that are no text", id="ID:~~")
        read_all_the_same("addresses that are no text", reply_to="~~", correlation_id="~~")
        read_all_the_same("a property that is no text", properties={"na~~me": "va~~lue"})
        read_all_the_same("UTF-16 in a data section", as_bytes="utf-16", id=b"\x01\xff")
    unreadable = [
        encoded({b"\xff": "odd"}),
        encoded("<EventMessage>odd ~~</EventMessage>"),
        encoded(b"no gzip", in_data=True, content_encoding="gzip"),
        encoded(["odd", 1], in_data=True),
    ]
    broker = target.stack.broker
    password = await asyncio.to_thread(Path(broker["password_file_hes"]).read_text)
    await send_raw(
        broker["url_amqp"],
        DESTINATION,
        *messages,
        *unreadable,
        user="hes",
        password=password.strip(),
    )
    for name, serial in serials:
        try:
            await until(
                partial(target.park.device, f"north/{serial}"),
                lambda seen: seen.power.value == "OFF",
                patience_seconds=_PATIENCE_SECONDS,
            )
        except AssertionError as error:
            yield Case(name, f"not read: {str(error)[:200]}")
        else:
            yield Case(name)
    try:
        await until(
            partial(_quarantined, target),
            lambda found: found >= before + len(unreadable),
            patience_seconds=_PATIENCE_SECONDS,
        )
    except AssertionError as error:
        yield Case("messages that nobody can read", str(error)[:200])
    else:
        yield Case("messages that nobody can read")


async def bursts_of_one_meter(target: Target) -> AsyncIterator[Case]:
    """Messages full of one meter's events, and the same message again and again: all is settled and counted once."""
    count = target.size.messages * 4
    told = [
        ("BURST-1", _POWER_LOST if number % 2 else "3.26.0.216", NOON + timedelta(seconds=number))
        for number in range(count)
    ]
    await target.park.publish(events(*told))
    for number in range(target.size.messages):
        at = NOON + timedelta(seconds=number)
        await target.park.publish(events(("BURST-2", "3.12.43.257", at)))
    same = events(("BURST-3", "3.12.43.257", NOON), message_id="the-same")
    await target.park.publish(*[same] * target.size.messages)
    expected = {"BURST-1": count, "BURST-2": target.size.messages, "BURST-3": 1}
    for serial, wanted in expected.items():
        try:
            history = await until(
                partial(target.park.journal, f"north/{serial}"),
                lambda commits, wanted=wanted: _told_events(commits) >= wanted,  # type: ignore[misc]
                patience_seconds=_PATIENCE_SECONDS,
            )
        except AssertionError as error:
            yield Case(serial, f"not all of {wanted} events: {str(error)[:200]}")
            continue
        seen = _told_events(history)
        yield Case(serial, "" if seen == wanted else f"{seen} events instead of {wanted}")


def _told_events(history: object) -> int:
    assert isinstance(history, list)
    return sum(bool(entry.code) for commit in history for entry in commit.events)


async def _quarantined(target: Target) -> int:
    request = quarantine_pb2.ListQuarantinedMessagesRequest(page_size=1)
    page = await target.park._hub(target.park.hub.ListQuarantinedMessages, request)
    return int(page.total_count)


def _compressed(document: bytes) -> str:
    return _payload(
        f"<Compressed>{base64.b64encode(gzip.compress(document)).decode()}</Compressed>"
    )


def _payload(inside: str) -> str:
    return (
        '<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>created</Verb>'
        f"<Noun>MeterConfig</Noun></Header><Payload>{inside}</Payload></EventMessage>"
    )
