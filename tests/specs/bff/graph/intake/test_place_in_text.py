"""The place that the connector names is found in the text, whether a person or a machine wrote its lines."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.graph.intake.place_in_text import find_place
from iec_connector.understanding import (
    FixedNetwork,
    Source,
    Unreadable,
    load_event_codes,
    understand,
)

METERS = "<a><!-- <m/> --><m k='1'><n>1</n></m><x:m/><m k='2'><n>2</n><n k='3'>3</n></m></a>"


def marked(text: str, place: str) -> str | None:
    mark = find_place(text, place)
    return None if mark is None else text[mark.start : mark.end]


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("/a, line 1", "<a>"),
        ("/a/m[1]/n, line 1", "<n>"),
        # Of its own name: that of another prefix is not counted along.
        ("/a/m[2], line 1", "<m k='2'>"),
        ("/a/m[2]/n[2], line 1", "<n k='3'>"),
        # A path that leads nowhere: its line is left.
        ("/a/b, line 1", METERS),
        ("line 1", METERS),
        ("", None),
        ("somewhere", None),
        ("line 9", None),
    ],
)
def test_a_path_leads_to_its_tag_and_a_line_to_its_text(place: str, found: str | None) -> None:
    assert marked(METERS, place) == found


def test_lines_are_counted_as_the_parser_does() -> None:
    assert marked("<a>\n<b>\n</a>", "line 3, column 5") == ">"
    assert marked("<a>\n<b>\n</a>", "line 2") == "<b>"


def _unreadable(body: str) -> str:
    source = Source(name="s", network=FixedNetwork(network="north"), codes=load_event_codes())
    try:
        found = understand(body, source, received_at=datetime.now(UTC), destination="queue://Q")
    except Unreadable as error:
        return error.place
    return found.problems[0].place


EVENTS = (
    '<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>created</Verb>'
    "<Noun>EndDeviceEvents</Noun></Header><Payload>"
    '<EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">'
    '<EndDeviceEvent><createdDateTime>2026-03-01T10:00:00Z</createdDateTime><EndDeviceEventType ref="3.26.0.85"/>'
    "<Assets><Names><name>M1</name></Names></Assets></EndDeviceEvent>"
    '<EndDeviceEvent><createdDateTime>yesterday</createdDateTime><EndDeviceEventType ref="3.26.0.85"/>'
    "<Assets><Names><name>M2</name></Names></Assets></EndDeviceEvent>"
    "</EndDeviceEvents></Payload></EventMessage>"
)


def test_the_connectors_own_place_is_found_in_a_message_of_one_line() -> None:
    place = _unreadable(EVENTS)
    assert "EndDeviceEvent[2]" in place
    mark = find_place(EVENTS, place)
    assert mark is not None
    assert EVENTS[mark.start :].startswith("<createdDateTime>yesterday")


def test_the_place_of_a_broken_message_is_where_the_parser_stopped() -> None:
    broken = EVENTS.replace("</EndDeviceEvents>", "</Other>")
    mark = find_place(broken, _unreadable(broken))
    assert mark is not None
    assert broken[: mark.end].endswith("</Other>")


@given(
    st.text(alphabet="<>/ab!-[]\n ?c:", max_size=200),
    st.text(alphabet="/ab[1], linecolum2", max_size=40),
)
def test_no_text_and_no_place_is_too_odd(text: str, place: str) -> None:
    mark = find_place(text, place)
    assert mark is None or 0 <= mark.start <= mark.end <= len(text)
