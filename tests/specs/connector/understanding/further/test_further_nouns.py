"""Orders, firmware, modules and usage points: what they say of devices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iec_connector.understanding import Configuration, ControlOutcome, Outcome, Reason
from iec_connector.understanding.identifiers import Identifier
from tests.specs.connector.understanding.samples import message, names, only, read, refused

NAMESPACE = "http://iec.ch/TC57/2011"


def said(noun: str, inside: str, verb: str = "changed") -> str:
    payload = f'<{noun} xmlns="{NAMESPACE}/{noun}#">{inside}</{noun}>'
    return message(payload, verb=verb, noun=noun)


CONTROL = (
    "<EndDeviceControl><mRID>order-1</mRID><issuerTrackingID>4711</issuerTrackingID>"
    "<issuerID>billing</issuerID><priceSignal><value>7</value></priceSignal>"
    '{status}<EndDeviceControlType ref="3.31.0.23"/>'
    "<EndDeviceAction><command>disconnect</command><duration>5</duration></EndDeviceAction>"
    "{devices}</EndDeviceControl>"
)
DEVICES = "<EndDevices><mRID>D1</mRID></EndDevices><EndDevices><mRID>D2</mRID></EndDevices>"
FAILED = (
    "<status><value>FAILED</value><dateTime>2026-02-01T08:00:00Z</dateTime>"
    "<reason>no answer</reason><remark>third time</remark></status>"
)


def controls(status: str = "", verb: str = "changed", devices: str = DEVICES) -> str:
    return said("EndDeviceControls", CONTROL.format(status=status, devices=devices), verb)


def test_the_outcome_of_a_control_is_reported_for_each_of_its_devices() -> None:
    first, second = read(controls(FAILED)).reports
    assert (first.device_identifier, second.device_identifier) == ("D1", "D2")
    assert first.content == second.content
    assert first.content == ControlOutcome(
        outcome=Outcome.FAILED,
        code="3.31.0.23",
        code_name="ElectricMeter.RCDSwitch.NA.Disconnect",
        action="disconnect",
        control_mrid="order-1",
        issuer_tracking_id="4711",
        author="billing",
        status="FAILED",
        reason="no answer",
        remark="third time",
        details={"priceSignal/value": "7", "EndDeviceAction/duration": "5"},
    )
    assert first.occurred_at == datetime(2026, 2, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "verb", "outcome"),
    [
        ("", "created", Outcome.ORDERED),
        ("", "changed", Outcome.ORDERED),
        ("", "executed", Outcome.EXECUTED),
        ("", "closed", Outcome.EXECUTED),
        ("", "canceled", Outcome.CANCELED),
        ("", "deleted", Outcome.CANCELED),
        ("command.state.successful", "changed", Outcome.EXECUTED),
        ("In Progress", "changed", Outcome.ORDERED),
        ("Timed-Out", "executed", Outcome.FAILED),
        ("as never before", "closed", Outcome.EXECUTED),
    ],
)
def test_the_status_tells_the_outcome_else_the_verb(
    status: str, verb: str, outcome: Outcome
) -> None:
    text = f"<status><value>{status}</value></status>" if status else ""
    content = only(read(controls(text, verb, "<EndDevices><mRID>D1</mRID></EndDevices>"))).content
    assert isinstance(content, ControlOutcome)
    assert content.outcome is outcome


def test_a_control_of_no_device_is_a_problem_with_its_place() -> None:
    problem = refused(controls(devices="<UsagePoints><mRID>UP1</mRID></UsagePoints>"))
    assert problem.reason is Reason.DEVICE_MISSING
    assert "/EndDeviceControls/EndDeviceControl" in problem.place


def test_secrets_of_an_order_are_not_taken_in() -> None:
    order = CONTROL.format(status="<password>hunter2</password>", devices=DEVICES)
    assert "hunter2" not in str(read(said("EndDeviceControls", order)))


@pytest.mark.parametrize(
    "inside",
    [
        "<EndDevice><mRID>D1</mRID><firmwareID>2.0.4</firmwareID></EndDevice>",
        "<Firmware><firmwareID>2.0.4</firmwareID><EndDevice><mRID>D1</mRID></EndDevice></Firmware>",
        (
            "<EndDevices><EndDevice><mRID>D1</mRID>"
            "<Firmware><version>2.0.4</version><status>Active</status></Firmware>"
            "</EndDevice></EndDevices>"
        ),
    ],
)
def test_the_firmware_that_a_device_runs_is_kept(inside: str) -> None:
    report = only(read(said("EndDeviceFirmware", inside)))
    assert report.device_identifier == "D1"
    assert report.content == Configuration(firmware_version="2.0.4")


def test_the_firmware_of_the_module_is_told_apart() -> None:
    inside = (
        "<EndDevice><mRID>D1</mRID><firmwareID>2.0.4</firmwareID>"
        "<ComFunction><firmwareID>9.1</firmwareID></ComFunction></EndDevice>"
    )
    content = only(read(said("EndDeviceFirmware", inside))).content
    assert content == Configuration(firmware_version="2.0.4", module_firmware_version="9.1")


def test_a_firmware_that_only_waits_is_not_what_runs() -> None:
    inside = (
        "<Firmware><firmwareID>3.0</firmwareID><status><value>scheduled</value></status>"
        "<EndDevice><mRID>D1</mRID></EndDevice></Firmware>"
    )
    problem = refused(said("EndDeviceFirmware", inside))
    assert (problem.reason, "'scheduled'" in problem.detail) == (Reason.NOT_A_REPORT, True)


def test_a_firmware_whose_activation_lies_ahead_is_announced() -> None:
    inside = (
        "<EndDevice><mRID>D1</mRID><firmwareID>3.0</firmwareID>"
        "<activationDateTime>2027-01-01T00:00:00Z</activationDateTime></EndDevice>"
    )
    report = only(read(said("EndDeviceFirmware", inside)))
    assert report.occurred_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert report.said_at is not None


@pytest.mark.parametrize("noun", ["EndDeviceFirmware", "UsagePointConfig"])
def test_what_is_deleted_there_removes_no_device(noun: str) -> None:
    inside = "<UsagePoint><mRID>UP1</mRID><EndDevice><mRID>D1</mRID></EndDevice></UsagePoint>"
    assert refused(said(noun, inside, "deleted")).reason is Reason.NOT_A_REPORT


def test_a_usage_point_tells_its_state_and_place_of_the_devices_that_it_names() -> None:
    inside = (
        "<UsagePoint><mRID>UP1</mRID><connectionState>physicallyDisconnected</connectionState>"
        "<phaseCode>ABCN</phaseCode><UsagePointLocation><latitude>47.3</latitude>"
        "<longitude>8.5</longitude></UsagePointLocation><Meter><mRID>D1</mRID></Meter></UsagePoint>"
    )
    report = only(read(said("UsagePointConfig", inside)))
    assert report.device_identifier == "D1"
    assert report.content == Configuration(
        usage_point="UP1",
        connection_state="physicallyDisconnected",
        phase_code="ABCN",
        latitude="47.3",
        longitude="8.5",
    )


def test_a_usage_point_without_a_device_is_told_by_its_own_name() -> None:
    inside = "<UsagePoint><mRID>UP1</mRID><connectionState>connected</connectionState></UsagePoint>"
    report = only(read(said("UsagePointConfig", inside)))
    assert report.identifiers == (Identifier("usage_point", "UP1"),)
    assert report.content == Configuration(usage_point="UP1", connection_state="connected")


def test_a_usage_point_without_any_name_is_a_problem() -> None:
    inside = "<UsagePoint><connectionState>connected</connectionState></UsagePoint>"
    assert refused(said("UsagePointConfig", inside)).reason is Reason.DEVICE_MISSING


MODULE = (
    "<ComModule><serialNumber>CM-7</serialNumber><firmwareID>9.2</firmwareID>"
    "<electronicAddress><mac>00:1e:c0:00:00:01</mac></electronicAddress>{device}</ComModule>"
)


def test_a_module_is_described_at_the_device_that_it_is_in() -> None:
    inside = MODULE.format(device=f"<EndDevice>{names('D1')}</EndDevice>")
    report = only(read(said("ComModuleConfig", inside)))
    assert report.device_identifier == "D1"
    assert report.content == Configuration(
        module_serial_number="CM-7",
        module_firmware_version="9.2",
        mac_address="00:1e:c0:00:00:01",
    )


def test_a_module_in_no_device_is_one_of_its_own() -> None:
    report = only(read(said("ComModuleConfig", MODULE.format(device=""))))
    assert report.device_identifier == "CM-7"
    assert isinstance(report.content, Configuration)
    assert (report.content.serial_number, report.content.firmware_version) == ("CM-7", "9.2")


def answered(result: str, errors: str = "", noun: str = "EndDeviceControls") -> str:
    body = CONTROL.format(status="", devices=DEVICES)
    payload = f'<{noun} xmlns="{NAMESPACE}/{noun}#">{body}</{noun}>'
    return message(payload, verb="reply", noun=noun, root="ResponseMessage").replace(
        "<Payload>", f"<Reply><Result>{result}</Result>{errors}</Reply><Payload>"
    )


def outcomes(body: str) -> dict[str, tuple[Outcome, str]]:
    return {
        report.device_identifier: (report.content.outcome, report.content.reason)
        for report in read(body).reports
        if isinstance(report.content, ControlOutcome)
    }


def test_an_answer_that_an_order_failed_is_its_outcome() -> None:
    error = "<Error><code>2.9</code><details>meter does not answer</details></Error>"
    told = outcomes(answered("FAILED", error))
    assert {outcome for outcome, _ in told.values()} == {Outcome.FAILED}
    assert "meter does not answer" in told["D1"][1]


def test_an_answer_that_an_order_failed_in_part_tells_of_which_device() -> None:
    error = "<Error><code>2.9</code><details>busy</details><ID>D2</ID></Error>"
    told = outcomes(answered("PARTIAL", error))
    assert [told[name][0] for name in ("D1", "D2")] == [Outcome.ORDERED, Outcome.FAILED]
    assert "busy" in told["D2"][1]


def test_an_answer_that_says_only_that_the_order_was_taken_is_no_outcome() -> None:
    assert refused(answered("Acknowledged")).reason is Reason.NOT_A_REPORT


def test_an_answer_that_names_no_order_is_refused_for_the_senders_reason() -> None:
    error = "<Error><code>2.9</code><details>no such order</details></Error>"
    empty = message(
        "<EndDeviceControls/>", verb="reply", noun="EndDeviceControls", root="ResponseMessage"
    )
    body = empty.replace("<Payload>", f"<Reply><Result>FAILED</Result>{error}</Reply><Payload>")
    problem = refused(body)
    assert problem.reason is Reason.NOT_A_REPORT
    assert "no such order" in problem.detail


BESIDE = f"<Meter>{names('D1')}</Meter>"


def test_a_device_beside_the_only_thing_that_is_told_is_meant() -> None:
    point = "<UsagePoint><mRID>UP1</mRID><connectionState>connected</connectionState></UsagePoint>"
    report = only(read(said("UsagePointConfig", point + BESIDE)))
    assert report.device_identifier == "D1"
    assert report.content == Configuration(usage_point="UP1", connection_state="connected")
    module = only(read(said("ComModuleConfig", MODULE.format(device="") + BESIDE)))
    assert module.device_identifier == "D1"
    control = only(read(said("EndDeviceControls", CONTROL.format(status="", devices="") + BESIDE)))
    assert control.device_identifier == "D1"


def test_a_device_beside_several_things_is_not_guessed_to_belong_to_one() -> None:
    points = "".join(f"<UsagePoint><mRID>UP{n}</mRID></UsagePoint>" for n in "12")
    understood = read(said("UsagePointConfig", points + BESIDE))
    assert [report.device_identifier for report in understood.reports] == ["UP1", "UP2"]
