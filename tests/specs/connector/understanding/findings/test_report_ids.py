"""The same message again gives the same ids; whatever is new in it, another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iec_connector.understanding import FixedNetwork, load_event_codes, understand
from tests.specs.connector.understanding.samples import (
    MESSAGES,
    NORTH,
    NOW,
    OF_RECORD,
    event,
    events,
    message,
    meter_config,
    names,
    read,
    source,
)

if TYPE_CHECKING:
    from pathlib import Path


def ids(body: str | bytes, broker_message_id: str = "") -> list[str]:
    understood = read(body, broker_message_id=broker_message_id)
    return [report.report_id for report in understood.reports]


def test_an_id_is_32_characters_that_the_hub_accepts() -> None:
    (report_id,) = ids(message(events()))
    assert len(report_id) == 32
    assert set(report_id) <= set("0123456789abcdef")


@pytest.mark.parametrize("name", sorted(path.name for path in MESSAGES.iterdir()))
def test_a_message_that_comes_again_later_over_another_broker_has_the_same_ids(name: str) -> None:
    body = (MESSAGES / name).read_bytes()
    first = understand(body, OF_RECORD, received_at=NOW, broker_message_id="ID:1")
    again = understand(
        body.decode(), OF_RECORD, received_at=NOW + timedelta(days=9), broker_message_id="ID:2"
    )
    assert [r.report_id for r in first.reports] == [r.report_id for r in again.reports]


def test_whitespace_prefixes_and_order_of_elements_do_not_matter() -> None:
    body = message(events())
    assert ids(body) == ids(body.replace("><", ">\n  <"))


def test_two_equal_events_in_one_message_are_two() -> None:
    body = message(events(event(), event()))
    assert len(set(ids(body))) == 2
    assert ids(body) == ids(body)


def test_an_event_that_joins_others_does_not_change_their_ids() -> None:
    other = event(device=f"<Assets>{names('2')}</Assets>")
    assert ids(message(events(event())))[0] == ids(message(events(other, event())))[1]


@pytest.mark.parametrize(
    "other",
    [
        message(events(event(time="<createdDateTime>2026-02-28T09:15:01Z</createdDateTime>"))),
        message(events(event(kind='<EndDeviceEventType ref="3.26.0.216"/>'))),
        message(events(event(device=f"<Assets>{names('100200301')}</Assets>"))),
        message(events(event(more="<severity>3</severity>"))),
        message(events(event(more="<mRID>e-2</mRID>"))),
        message(events(), more="<MessageID>m-2</MessageID>"),
        message(
            events(), more="<MessageID>m-1</MessageID><Timestamp>2026-03-01T00:00:00Z</Timestamp>"
        ),
    ],
)
def test_another_statement_or_another_message_has_another_id(other: str) -> None:
    assert ids(message(events())) != ids(other)


def test_another_network_has_other_ids() -> None:
    south = read(message(events()), source(network=FixedNetwork(network="south")))
    assert south.reports[0].report_id not in ids(message(events()))


def test_a_corrected_code_table_does_not_change_ids(tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    table.write_text("source,code,meaning,note\n*,3.26.0.85,NOTED,\n", encoding="utf-8")
    corrected = read(message(events()), source(codes=load_event_codes(table)))
    assert [report.report_id for report in corrected.reports] == ids(message(events()))


def test_the_brokers_id_tells_messages_apart_that_nothing_else_does() -> None:
    timeless = message(meter_config(names() + "<status><value>active</value></status>"), more="")
    assert ids(timeless, broker_message_id="ID:1") == ids(timeless, broker_message_id="ID:1")
    assert ids(timeless, broker_message_id="ID:1") != ids(timeless, broker_message_id="ID:2")
    dated = message(events(), more="")
    assert ids(dated, broker_message_id="ID:1") == ids(dated, broker_message_id="ID:2")


_EVENTS = st.lists(
    st.builds(
        lambda device, code, second: event(
            device=f"<Assets>{names(device)}</Assets>",
            kind=f'<EndDeviceEventType ref="{code}"/>',
            time=f"<createdDateTime>2026-02-28T09:15:{second:02}Z</createdDateTime>",
        ),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["3.26.0.85", "3.26.0.216"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


@given(_EVENTS)
def test_ids_are_unique_within_a_message_and_the_same_in_the_next_reading(each: list[str]) -> None:
    body = message(events(*each))
    assert len(set(ids(body))) == len(each)
    assert ids(body) == ids(body.encode("utf-16"))


@given(_EVENTS, st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_the_order_of_events(each: list[str], random: object) -> None:
    shuffled = list(each)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(ids(message(events(*each)))) == sorted(ids(message(events(*shuffled))))


def test_a_source_of_another_name_has_the_same_ids() -> None:
    renamed = replace(NORTH, name="hes-renamed")
    assert [r.report_id for r in read(message(events()), renamed).reports] == ids(message(events()))
