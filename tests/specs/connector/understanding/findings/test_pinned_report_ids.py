"""Ids of reports lie in journals: what has an id today has the same one after every change of the code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iec_connector.understanding import (
    Configuration,
    Contact,
    ControlOutcome,
    DeviceEvent,
    Header,
    Lifecycle,
    Linkage,
    LinkageChange,
    Meaning,
    Outcome,
    SwitchState,
)
from iec_connector.understanding.findings.report_id import ReportIds
from iec_connector.understanding.times import Moment
from tests.specs.connector.understanding.samples import (
    MESSAGES,
    OF_RECORD,
    event,
    events,
    linkage,
    message,
    meter_config,
    names,
    read,
    readings,
)

if TYPE_CHECKING:
    from iec_connector.understanding.report import Content

_ODD = 'Zürich "Süd" \\ 1/2 \u2028 \x7f \U0001f50c &lt;b&gt;'
_DETAIL = "<EndDeviceEventDetails><name>{}</name><value>{}</value></EndDeviceEventDetails>"
_DATED = "<MessageID>m-1</MessageID><Timestamp>2026-03-01T10:00:00.125+01:00</Timestamp>"

BODIES: dict[str, str | bytes] = {
    **{path.name: path.read_bytes() for path in sorted(MESSAGES.iterdir())},
    "an event with details": message(
        events(
            event(
                more="<mRID>e-1</mRID><severity>3</severity><reason>power quality</reason>"
                "<issuerTrackingID>t-9</issuerTrackingID>"
                + _DETAIL.format("b", "2")
                + _DETAIL.format("a", "1")
                + _DETAIL.format("a", "")
            )
        ),
        more=_DATED,
    ),
    "odd signs": message(
        events(event(more=_DETAIL.format("Ort", _ODD) + f"<reason>{_ODD}</reason>"))
    ),
    "equal events": message(events(event(), event(), event())),
    "nothing tells one message from the next": message(
        meter_config(f"{names()}<status><value>active</value></status>"), more=""
    ),
    "a configuration": message(
        meter_config(
            "<mRID>41a6624d-2d9f-4507-a1bd-2e7b0e70d045</mRID><serialNumber>100200300</serialNumber>"
            "<ConfigurationEvents><effectiveDateTime>2026-02-28T09:15:00Z</effectiveDateTime>"
            "</ConfigurationEvents><lifecycle><receivedDate>2026-02-01</receivedDate></lifecycle>"
            f"{names('NW-1', 'MeterName')}{names('A 7', 'Region')}"
            "<ConnectDisconnectFunction><isConnected>true</isConnected></ConnectDisconnectFunction>"
        ),
        noun="MeterConfig",
        more=_DATED,
    ),
    "a deleted configuration": message(
        meter_config("<serialNumber>1</serialNumber>"), verb="deleted", noun="MeterConfig"
    ),
    "a linkage": message(
        linkage(
            f"<Meter>{names()}</Meter><UsagePoint>{names('UP-1', 'UsagePointID')}</UsagePoint>"
        ),
        noun="MasterDataLinkageConfig",
    ),
    "readings": message(
        readings(
            "<Meter><mRID>1</mRID></Meter><Readings><timeStamp>2026-03-01T09:00:00Z</timeStamp>"
            "<value>1</value></Readings>"
        ),
        noun="MeterReadings",
    ),
}

# Written as UUIDs are: so nobody takes them for keys.
PINNED: dict[str, tuple[str, ...]] = {
    "abstract_wsdl_publish_event.xml": ("dfc8ab82-1fd2-83bb-93c6-49a214c1507d",),
    "connexo_event.xml": ("93eadffc-da83-6eab-2c87-9d32b1f753a9",),
    "connexo_meter_config.xml": ("4bb10fa4-2bd1-eb5d-952a-67d9d3489571",),
    "iec4hes_meter_config.xml": ("208a677e-7b24-2850-14c0-13dd5991c1a1",),
    "one-meter-two-names-config.xml": ("32c29b48-7397-3373-c33d-62326df99743",),
    "one-meter-two-names-event.xml": ("dba8222d-39e6-8c32-95ec-cb50278ec618",),
    "one-meter-two-spellings.xml": (
        "c08f5681-e7af-3849-681a-13b92e4c0ecf",
        "bd5c4e0f-28f9-89be-3bde-e1fb735f4cd6",
        "ac4e1ce3-d3d3-c1eb-7ffc-c0d5e9a879bb",
        "4f49e5e3-b402-7d08-27fe-0ad7efd9d3ba",
    ),
    "oracle_lower_camel.xml": ("4de4d70d-64ea-5bda-d740-baab5daddd04",),
    "sap_operation_set.xml": (
        "1e61e4a2-81cd-3686-8461-a50a747c4407",
        "9025e8a2-0472-756b-e58c-ef7a6e71e202",
        "f1aab39f-6ae5-5a86-3bca-9da4ec78856b",
    ),
    "taipower_readings.xml": (
        "65d9641d-87b9-a112-6482-91df64e118a0",
        "7b729f20-fd07-a6bc-45fe-a728bb998544",
        "9a390b03-5570-525f-fb31-1bfce4574280",
    ),
    "an event with details": ("756f29c5-545d-1234-a0a4-ef46f896052c",),
    "odd signs": ("a0635600-1c71-efbc-4c66-f46bd2ef57d7",),
    "equal events": (
        "83a82f78-f91f-58a9-ef0a-d323d2696fbd",
        "d7ca3370-9aae-3c96-6641-66ebf2ccf659",
        "330abf1f-619b-6f77-3732-203318748792",
    ),
    "nothing tells one message from the next": ("477ada27-db66-f187-f453-e37754df8149",),
    "a configuration": ("3a6ec10c-4fa1-4aeb-c874-a9f34dfa4278",),
    "a deleted configuration": ("7d4b6f2e-76f5-a816-4960-2fd928e73a93",),
    "a linkage": ("9fe44147-43c7-ef84-15ed-26509ca6409c",),
    "readings": ("dcef1b66-2187-5229-51fc-cca82524370b",),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_ids_of_a_message_are_those_of_every_version_before(name: str) -> None:
    understood = read(BODIES[name], OF_RECORD, broker_message_id="ID:1")
    pinned = tuple(one.replace("-", "") for one in PINNED[name])
    assert tuple(report.report_id for report in understood.reports) == pinned


_BROKER_ID = "ID:1"


def _id_by_definition(
    header: Header, network: str, device: str, content: Content, moment: Moment
) -> str:
    """The id of the first such statement of a message, as the first version computed it."""
    at = moment.at.isoformat() if moment.at is not None else ""
    sent = header.timestamp.isoformat() if header.timestamp is not None else ""
    message_id = header.message_id or ("" if sent or at else f"broker {_BROKER_ID}")
    said = {
        field.name: getattr(content, field.name)
        for field in fields(content)
        if field.name not in _OURS[type(content)]
    }
    parts = [network, device, message_id, sent, at, type(content).__name__]
    written = json.dumps(
        [*parts, {name: value for name, value in said.items() if value}],
        ensure_ascii=True,
        separators=(",", ":"),
        sort_keys=True,
    )
    return hashlib.sha256(written.encode("ascii")).hexdigest()[:32]


# What comes from our own tables, or came later and must not change the ids of what was said before.
_OURS: dict[type, frozenset[str]] = {
    DeviceEvent: frozenset(
        {
            *("meaning", "code_name", "firmware_version", "author", "remark", "status"),
            *("latitude", "longitude", "ended"),
        }
    ),
    Configuration: frozenset({"lifecycle"}),
    ControlOutcome: frozenset({"code_name"}),
    Linkage: frozenset(),
    Contact: frozenset(),
}

_TEXTS = st.one_of(st.just(""), st.text(max_size=20), st.sampled_from([_ODD, "\ud800", "\0\x1f"]))
_MAPS = st.dictionaries(_TEXTS, _TEXTS, max_size=4)


def _any_of(kind: type, **more: st.SearchStrategy[object]) -> st.SearchStrategy[Content]:
    texts = {field.name: _TEXTS for field in fields(kind) if field.type == "str"}
    return st.builds(kind, **{**texts, **more})


_CONTENTS: st.SearchStrategy[Content] = st.one_of(
    _any_of(DeviceEvent, details=_MAPS, meaning=st.sampled_from(Meaning)),
    _any_of(
        Configuration,
        names=_MAPS,
        life_dates=_MAPS,
        lifecycle=st.sampled_from(Lifecycle),
        switch_state=st.sampled_from(SwitchState),
        removal=st.booleans(),
    ),
    _any_of(Linkage, change=st.sampled_from(LinkageChange)),
    st.builds(Contact, reading_count=st.integers(0, 2**31)),
    _any_of(ControlOutcome, outcome=st.sampled_from(Outcome), details=_MAPS),
)
_TIMES = st.none() | st.datetimes(timezones=st.just(UTC))


@given(
    st.tuples(_TEXTS, _TIMES).map(lambda said: Header(message_id=said[0], timestamp=said[1])),
    st.tuples(_TEXTS, _TEXTS, _CONTENTS, _TIMES.map(Moment)),
)
def test_an_id_is_the_digest_of_what_the_first_version_wrote(
    header: Header, said: tuple[str, str, Content, Moment]
) -> None:
    ids = ReportIds(header, _BROKER_ID)
    first = ids.id_of(*said)
    assert first == _id_by_definition(header, *said)
    assert ids.id_of(*said) != first
    assert ReportIds(header, _BROKER_ID).id_of(*said) == first


def test_statements_of_one_message_do_not_change_each_others_ids() -> None:
    header = Header(message_id="m-1", timestamp=datetime(2026, 3, 1, tzinfo=UTC))
    ids = ReportIds(header, _BROKER_ID)
    said = [
        (f"{number % 3}", Contact(reading_count=number % 2), Moment(header.timestamp))
        for number in range(6)
    ]
    made = [ids.id_of("north", *each) for each in said]
    assert made == [_id_by_definition(header, "north", *each) for each in said]
    later = Moment(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(microseconds=1))
    assert ids.id_of("north", "0", Contact(), later) not in made
