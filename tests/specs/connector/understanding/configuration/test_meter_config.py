"""What a MeterConfig or EndDeviceConfig says of a device."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iec_connector.understanding import Configuration, Lifecycle, Reason, SwitchState
from tests.specs.connector.understanding.samples import (
    configuration_of,
    message,
    meter_config,
    names,
    only,
    read,
    read_file,
    refused,
)


def config(meter: str, *, verb: str = "changed", more: str = "") -> str:
    return message(meter_config(names() + meter, more=more), verb=verb, noun="MeterConfig")


def test_the_fields_of_iec4hes_are_read() -> None:
    report = only(read_file("iec4hes_meter_config.xml"))
    assert report.device_identifier == "LGZ1030784"
    assert report.occurred_at == report.origin.message_at
    assert report.origin.message_at == datetime(2026, 2, 27, 8, 0, 1, 250000, tzinfo=UTC)
    assert report.content == Configuration(
        lifecycle=Lifecycle.IN_OPERATION,
        status="IN_OPERATION",
        serial_number="LGZ1030784",
        utility_number="CH-88-1030784",
        communication_technology="PLC-G3",
    )


def test_the_fields_of_connexo_are_read() -> None:
    report = only(read_file("connexo_meter_config.xml"))
    assert report.occurred_at == datetime(2026, 1, 10, 23, 0, tzinfo=UTC)
    assert report.content == Configuration(
        lifecycle=Lifecycle.INVENTORY,
        status="dlc.default.inStock",
        serial_number="05206810",
        mrid="c8f0a6b2-63f6-4a52-9a5e-2c0e3c4f1d11",
        model="E450",
        model_version="S4",
        manufacturer="Landis+Gyr",
        device_type="Landis+Gyr E450",
        firmware_version="4.12",
        lot_number="batch-12",
        time_zone="60",
        area="Region 3",
        change_reason="changeStatus",
        configuration_id="Default",
        names={"name": "SPE0000005206810"},
        life_dates={
            "receivedDate": "2025-12-01T00:00:00Z",
            "installationDate": "2026-01-11T09:30:00Z",
        },
    )


def test_passwords_and_keys_are_not_taken_in() -> None:
    meter = (
        "<ComFunction><technology>GPRS</technology><password>hunter2</password></ComFunction>"
        f"{names('hunter2', 'SecurityKey')}<SecurityKeys><key>hunter2</key></SecurityKeys>"
    )
    assert "hunter2" not in str(read(config(meter)))


def test_functions_say_technology_address_firmware_hardware_and_switch() -> None:
    content = configuration_of(
        config(
            "<ComFunction><technology>PLC</technology><amrAddress>02:00:5e</amrAddress>"
            "<firmwareID>2.1</firmwareID><hardwareID>B</hardwareID></ComFunction>"
            "<SimpleEndDeviceFunction><firmwareID>1.4</firmwareID></SimpleEndDeviceFunction>"
            "<ConnectDisconnectFunction><isConnected>false</isConnected></ConnectDisconnectFunction>"
        )
    )
    assert content.communication_technology == "PLC"
    assert content.communication_address == "02:00:5e"
    assert content.firmware_version == "communication=2.1, meter=1.4"
    assert content.hardware_version == "B"
    assert content.switch_state is SwitchState.DISCONNECTED


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (("true",), SwitchState.CONNECTED),
        (("1", "true"), SwitchState.CONNECTED),
        (("0",), SwitchState.DISCONNECTED),
        (("true", "false"), SwitchState.UNSPECIFIED),
        (("?",), SwitchState.UNSPECIFIED),
        ((), SwitchState.UNSPECIFIED),
    ],
)
def test_the_switch_is_known_when_its_functions_agree(
    said: tuple[str, ...], state: SwitchState
) -> None:
    function = (
        "<ConnectDisconnectFunction><isConnected>{}</isConnected></ConnectDisconnectFunction>"
    )
    content = configuration_of(config("".join(function.format(each) for each in said)))
    assert content.switch_state is state


def test_functions_beside_several_meters_belong_to_those_that_refer_to_them() -> None:
    functions = "".join(
        f"<SimpleEndDeviceFunction><mRID>{mrid}</mRID><firmwareID>{firmware}</firmwareID></SimpleEndDeviceFunction>"
        for mrid, firmware in (("f1", "1.0"), ("f2", "2.0"))
    )
    body = meter_config(
        names("1") + '<SimpleEndDeviceFunction ref="f2"/>',
        names("2") + '<SimpleEndDeviceFunction ref="f1"/>',
        names("3"),
        more=functions,
    )
    contents = [report.content for report in read(body).reports]
    assert [c.firmware_version for c in contents if isinstance(c, Configuration)] == [
        "2.0",
        "1.0",
        "",
    ]


@pytest.mark.parametrize(
    ("status", "lifecycle"),
    [
        ("<deviceState>POOR_COMMUNICATION</deviceState>", Lifecycle.POOR_COMMUNICATION),
        ("<deviceState>UPDATE_IN_PROGRESS</deviceState>", Lifecycle.UPDATE_IN_PROGRESS),
        ("<deviceState>NOT_DEFINED</deviceState>", Lifecycle.NOT_DEFINED),
        ("<deviceState>ERROR</deviceState><status><value>active</value></status>", Lifecycle.ERROR),
        ("<status><value>dlc.default.commissioning</value></status>", Lifecycle.DISCOVERED),
        ("<status><value>In stock</value></status>", Lifecycle.INVENTORY),
        ("<status><value>Active</value></status>", Lifecycle.IN_OPERATION),
        ("<status>in operation</status>", Lifecycle.IN_OPERATION),
        ("<status><value>dlc.default.decommissioned</value></status>", Lifecycle.REMOVED),
        ("<status><value>retired</value></status>", Lifecycle.REMOVED),
        ("<status><value>dlc.default.inactive</value></status>", Lifecycle.UNSPECIFIED),
        ("<status><value>?</value></status>", Lifecycle.UNSPECIFIED),
        ("", Lifecycle.UNSPECIFIED),
    ],
)
def test_the_status_tells_the_lifecycle(status: str, lifecycle: Lifecycle) -> None:
    assert configuration_of(config(status)).lifecycle is lifecycle


def test_a_status_that_is_not_understood_is_kept_as_text() -> None:
    assert configuration_of(config("<status><value>Frozen</value></status>")).status == "Frozen"


def test_created_alone_says_nothing_of_the_lifecycle() -> None:
    assert configuration_of(config("", verb="created")).lifecycle is Lifecycle.UNSPECIFIED


@pytest.mark.parametrize("verb", ["deleted", "DELETE", "closed", "cancel", "canceled"])
def test_verbs_that_end_something_remove_the_device(verb: str) -> None:
    content = configuration_of(config("<status><value>active</value></status>", verb=verb))
    assert (content.removal, content.lifecycle) == (True, Lifecycle.REMOVED)


def test_the_status_dates_the_configuration_when_no_event_does() -> None:
    status = "<status><dateTime>2026-02-01T00:00:00Z</dateTime><value>active</value></status>"
    assert only(read(config(status))).occurred_at == datetime(2026, 2, 1, tzinfo=UTC)


def test_a_configuration_event_beside_the_meter_dates_it() -> None:
    more = "<ConfigurationEvents><createdDateTime>2026-02-02T00:00:00Z</createdDateTime></ConfigurationEvents>"
    assert only(read(config("", more=more))).occurred_at == datetime(2026, 2, 2, tzinfo=UTC)


def test_an_unreadable_date_of_the_configuration_is_a_problem_beside_what_it_says() -> None:
    more = (
        "<ConfigurationEvents><effectiveDateTime>soon</effectiveDateTime>"
        "<createdDateTime>2026-02-02T00:00:00Z</createdDateTime></ConfigurationEvents>"
    )
    understood = read(config(more))
    (report,) = understood.reports
    assert report.occurred_at == datetime(2026, 2, 2, tzinfo=UTC)
    (problem,) = understood.problems
    assert (problem.reason, problem.index) == (Reason.TIME_INVALID, report.origin.index)
    assert "ConfigurationEvents/effectiveDateTime, line 1" in problem.place


def test_a_status_that_is_newer_than_the_configuration_dates_it() -> None:
    more = (
        "<ConfigurationEvents><effectiveDateTime>2024-01-01T00:00:00Z</effectiveDateTime></ConfigurationEvents>"
        "<ConfigurationEvents><effectiveDateTime>2025-01-01T00:00:00Z</effectiveDateTime></ConfigurationEvents>"
    )
    assert only(read(config(more))).occurred_at == datetime(2025, 1, 1, tzinfo=UTC)
    status = "<status><dateTime>2026-02-01T00:00:00Z</dateTime><value>active</value></status>"
    assert only(read(config(more + status))).occurred_at == datetime(2026, 2, 1, tzinfo=UTC)


def test_a_change_that_is_still_to_come_is_dated_by_its_effect() -> None:
    more = (
        "<ConfigurationEvents><effectiveDateTime>2027-01-01T00:00:00Z</effectiveDateTime></ConfigurationEvents>"
        "<status><dateTime>2026-02-01T00:00:00Z</dateTime><value>removed</value></status>"
    )
    body = config(more).replace(
        "<MessageID>", "<Timestamp>2026-03-01T00:00:00Z</Timestamp><MessageID>"
    )
    assert only(read(body)).occurred_at == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_date_of_life_that_cannot_be_read_is_kept_as_written() -> None:
    content = configuration_of(
        config(
            "<Lifecycle><ReceivedDate>KW 12</ReceivedDate><removalDate>2026-02-01</removalDate></Lifecycle>"
        )
    )
    assert content.life_dates == {"receivedDate": "KW 12", "removalDate": "2026-02-01"}


def test_usage_point_and_area_are_kept() -> None:
    content = configuration_of(
        config(
            "<UsagePoint><mRID>UP-1</mRID><UsagePointLocation><mainAddress><townDetail><name>Zug</name>"
            "</townDetail></mainAddress></UsagePointLocation></UsagePoint>"
        )
    )
    assert (content.usage_point, content.area) == ("UP-1", "Zug")


def test_other_names_are_kept_by_type() -> None:
    content = configuration_of(
        config(names("M-1", "MeterUniqueID") + names("L-1", "MeteringLocation"))
    )
    assert content.names == {"MeterUniqueID": "M-1", "MeteringLocation": "L-1"}


def test_attributes_are_read_where_elements_are_missing() -> None:
    body = '<MeterConfig><Meter serialNumber="55" mRID="u-1"><status value="active"/></Meter></MeterConfig>'
    content = configuration_of(body)
    assert (content.serial_number, content.mrid, content.lifecycle) == (
        "55",
        "u-1",
        Lifecycle.IN_OPERATION,
    )


def test_nil_and_empty_elements_say_nothing() -> None:
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
    content = configuration_of(config(f"<lotNumber {nil}/><type></type><amrSystem>  </amrSystem>"))
    assert (content.lot_number, content.device_type, content.amr_system) == ("", "", "")


def test_an_end_device_config_says_the_same() -> None:
    body = message(
        f'<EndDeviceConfig><EndDevice xsi:type="Gateway" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{names('GW-1')}<status><value>active</value></status></EndDevice></EndDeviceConfig>",
        noun="EndDeviceConfig",
    )
    report = only(read(body))
    assert report.device_identifier == "GW-1"
    assert isinstance(report.content, Configuration)
    assert report.content.lifecycle is Lifecycle.IN_OPERATION


def test_deleted_with_nothing_but_ids_removes_the_devices() -> None:
    ids = (
        '<ID kind="name" idType="SerialNumber" objectType="Meter">100200300</ID><ID>100200301</ID>'
        '<ID kind="transaction">tx-1</ID><ID objectType="UsagePoint">UP-1</ID>'
    )
    understood = read(message(ids, verb="deleted", noun="MeterConfig"))
    assert [report.device_identifier for report in understood.reports] == ["100200300", "100200301"]
    assert all(
        isinstance(r.content, Configuration) and r.content.removal for r in understood.reports
    )


def test_ids_without_a_verb_that_ends_something_are_no_configuration() -> None:
    body = message("<ID>100200300</ID>", verb="changed", noun="MeterConfig")
    assert refused(body).reason is Reason.PAYLOAD_MISSING
