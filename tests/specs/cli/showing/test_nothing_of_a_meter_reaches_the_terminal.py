"""Text from meters is shown, never obeyed."""

import io
import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from meterpark.device_hub.v1.device_hub_service_pb2 import HistoryEntry
from meterpark.device_hub.v1.feed_pb2 import KnownFeed
from meterpark.smoc.v1.alarm_service_pb2 import Alarm
from rich.console import Console

from meterpark_cli.devices.tables import device_page, device_table, journal_table, timeline_table
from meterpark_cli.feeds.tables import feed_table
from meterpark_cli.park.page import Trouble, page
from meterpark_cli.quarantine.tables import message_page, quarantine_table
from meterpark_cli.showing.documents import document_of
from meterpark_cli.showing.printable import printable, printable_lines
from tests.specs.cli.examples import HOSTILE, device, power_lost, quarantined
from tests.specs.cli.moments import NOW
from tests.specs.cli.summaries import shown_with, summary_with


def shown(*renderables: object, width: int = 140) -> str:
    target = Console(
        file=io.StringIO(),
        width=width,
        color_system=None,
        force_terminal=True,
        legacy_windows=False,
    )
    target.print(*renderables, sep="\n")
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def assert_harmless(text: str) -> None:
    bad = [c for c in text if c != "\n" and not c.isprintable()]
    assert not bad, bad


@given(st.text())
def test_only_printable_characters_are_left(text: str) -> None:
    assert printable(text).isprintable()


@given(st.text())
def test_printable_text_stays_as_it_is(text: str) -> None:
    if text.isprintable():
        assert printable(text) == text


@given(st.text())
def test_the_body_of_a_message_keeps_lines_and_tabs_only(text: str) -> None:
    left = printable_lines(text)
    assert left.replace("\n", "").replace("\t", "").isprintable()
    assert "\u202e" not in left
    assert all(unicodedata.category(c) != "Cc" for c in left if c not in "\n\t")


def test_an_escape_sequence_is_written_out() -> None:
    assert printable("\x1b[31mred") == r"\x1b[31mred"


def test_a_hostile_device_is_harmless_everywhere() -> None:
    evil = device("evil")
    evil.serial_number = evil.model = evil.device_id = evil.power.cause = HOSTILE
    evil.lifecycle.value = HOSTILE
    evil.names[HOSTILE] = HOSTILE
    evil.seals = evil.parent = evil.street_address = HOSTILE
    evil.identifiers.add(scheme=HOSTILE, value=HOSTILE)
    evil.joined_into = HOSTILE
    evil.joined.append(HOSTILE)
    evil.planned.add(kind=HOSTILE, summary=HOSTILE, changes={HOSTILE: HOSTILE})
    entry = power_lost()
    entry.summary = entry.device_id = HOSTILE
    entry.flags.append(HOSTILE)
    commit = HistoryEntry(revision=1, report_id=HOSTILE, events=[entry])
    commit.origin.message_id = commit.origin.noun = HOSTILE
    text = shown(
        device_page(evil, NOW),
        device_table(NOW, [evil], width=140, header=True),
        timeline_table(NOW, "north/1", [entry], width=140, header=True),
        journal_table(NOW, [commit], width=140, header=True),
        page(
            shown_with(
                summary_with([evil], [entry], device_id=HOSTILE),
                Alarm(alarm_id=HOSTILE, device_id=HOSTILE, rule=HOSTILE, summary=HOSTILE),
            ),
            Trouble(since=NOW, reason=HOSTILE),
            NOW,
            width=140,
            height=None,
        ),
    )
    assert_harmless(text)
    assert r"\x1b[31m[red]x[/red]\r\n\x9b2J\u202eesrever" in text


def test_a_hostile_quarantined_message_is_harmless() -> None:
    message = quarantined("q1", reason=HOSTILE, body=HOSTILE.encode())
    for field in ("detail", "place", "source", "noun", "verb", "message_id", "destination"):
        setattr(message, field, HOSTILE)
    text = shown(
        message_page(message, NOW), quarantine_table(NOW, [message], width=80, header=True)
    )
    assert_harmless(text)
    assert r"\x1b[31m[red]x[/red]" in text


def test_a_hostile_feed_is_harmless() -> None:
    feed = KnownFeed(source=HOSTILE, network=HOSTILE, trouble=HOSTILE)
    text = shown(feed_table(NOW, [feed], width=140, header=True))
    assert_harmless(text)


def test_a_body_that_is_no_text_is_shown_as_bytes() -> None:
    text = shown(message_page(quarantined("q1", body=b"\x00\xff\x1b[2J<x/>"), NOW))
    assert_harmless(text)
    assert "00 ff 1b 5b 32 4a" in text


def test_a_json_document_is_plain_ascii() -> None:
    evil = device("evil")
    evil.model = HOSTILE
    text = json.dumps(document_of(evil))
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["model"] == HOSTILE
