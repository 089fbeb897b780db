"""A configuration without a time of its own holds from the time of its message, not from whenever it arrives."""

from datetime import UTC, datetime, timedelta

import pytest

from iec_connector.understanding import (
    FixedNetwork,
    Reason,
    Source,
    Unreadable,
    load_event_codes,
    understand,
)

SAID = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECEIVED = SAID + timedelta(days=7)
SOURCE = Source(name="hes-north", network=FixedNetwork(network="north"), codes=load_event_codes())
NAMES = "<Names><name>LGZ1</name><NameType><name>SerialNumber</name></NameType></Names>"
LINKAGE = (
    f"<MasterDataLinkageConfig><Meter>{NAMES}</Meter><UsagePoint><mRID>UP-1</mRID></UsagePoint>"
    "</MasterDataLinkageConfig>"
)


def message(payload: str, timestamp: str = SAID.isoformat()) -> str:
    noun = payload[1 : payload.index(">")]
    return (
        '<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>created</Verb>'
        f"<Noun>{noun}</Noun><Timestamp>{timestamp}</Timestamp></Header>"
        f"<Payload>{payload}</Payload></EventMessage>"
    )


def occurred_at(body: str) -> datetime | None:
    [report] = understand(body, SOURCE, received_at=RECEIVED).reports
    return report.occurred_at


@pytest.mark.parametrize(
    "payload",
    [
        f"<MeterConfig><Meter>{NAMES}<status><value>ERROR</value></status></Meter></MeterConfig>",
        LINKAGE,
    ],
)
def test_what_was_said_holds_from_the_time_of_its_message(payload: str) -> None:
    assert occurred_at(message(payload)) == SAID


def test_a_time_of_its_own_comes_first() -> None:
    own = "<status><value>ERROR</value><dateTime>2026-02-01T00:00:00Z</dateTime></status>"
    payload = f"<MeterConfig><Meter>{NAMES}{own}</Meter></MeterConfig>"
    assert occurred_at(message(payload)) == datetime(2026, 2, 1, tzinfo=UTC)


def test_a_message_without_a_readable_time_says_nothing_about_when() -> None:
    assert occurred_at(message(LINKAGE, timestamp="?")) is None


def test_an_event_that_says_never_does_not_take_the_time_of_its_message() -> None:
    payload = (
        "<EndDeviceEvents><EndDeviceEvent><createdDateTime>1970-01-01T00:00:00Z</createdDateTime>"
        f'<Assets>{NAMES}</Assets><EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent>'
        "</EndDeviceEvents>"
    )
    assert occurred_at(message(payload)) is None


def test_a_refusal_carries_the_envelope_for_who_asked_for_an_answer() -> None:
    asking = message(LINKAGE.replace("SerialNumber", "Colour").replace("LGZ1", "")).replace(
        "</Timestamp>", "</Timestamp><AckRequired>true</AckRequired><MessageID>m-7</MessageID>"
    )
    with pytest.raises(Unreadable) as refused:
        understand(asking, SOURCE, received_at=RECEIVED)
    assert refused.value.header is not None
    assert refused.value.header.ack_required
    assert refused.value.header.message_id == "m-7"


@pytest.mark.parametrize(
    "payload",
    [
        "<ComModuleConfig><ComModule>{}<mRID>MODULE</mRID>{}</ComModule></ComModuleConfig>",
        "<EndDeviceFirmware><EndDevice>{}{}<firmwareID>2.0</firmwareID></EndDevice></EndDeviceFirmware>",
        (
            "<UsagePointConfig><UsagePoint><mRID>UP</mRID><EndDevice>{}</EndDevice>{}"
            "<connectionState>connected</connectionState></UsagePoint></UsagePointConfig>"
        ),
        (
            "<EndDeviceControls><EndDeviceControl><EndDevices>{}</EndDevices>{}"
            '<EndDeviceControlType ref="3.31.0.23"/></EndDeviceControl></EndDeviceControls>'
        ),
        "<MeterConfig><Meter>{}{}</Meter></MeterConfig>",
    ],
)
def test_an_unreadable_date_spoils_only_itself_in_every_noun(payload: str) -> None:
    date = "<ConfigurationEvents><createdDateTime>n/a</createdDateTime></ConfigurationEvents>"
    understood = understand(message(payload.format(NAMES, date)), SOURCE, received_at=RECEIVED)
    assert [report.occurred_at for report in understood.reports] == [SAID]
    assert [problem.reason for problem in understood.problems] == [Reason.TIME_INVALID]
