"""Messages as large as the limits allow, and larger ones: each is gone through once, or refused."""

from __future__ import annotations

import base64
import gzip

import pytest

from iec_connector.understanding import Reason, load_event_codes
from iec_connector.understanding.secrets import COMPRESSED_STRIPPED, strip_secrets
from tests.specs.connector.understanding.outcome.replies import answer, named, reply
from tests.specs.connector.understanding.samples import (
    compressed,
    event,
    event_of,
    events,
    message,
    meter_config,
    names,
    read,
    refused,
)

CODES = load_event_codes()


def test_a_zip_bomb_is_not_inflated_beyond_the_limit() -> None:
    bomb = compressed(b"<a>" + b" " * (65 * 1024 * 1024) + b"</a>")
    assert len(bomb) < 100_000
    unreadable = refused(message(bomb))
    assert unreadable.reason is Reason.INFLATED_TOO_LARGE
    assert unreadable.place == "/EventMessage/Payload/Compressed, line 1"


@pytest.mark.parametrize(
    "body", ["<a>" + "<b/>" * 1_600_000 + "</a>", "<a " + "b=''" * 1_600_000 + "/>"]
)
def test_masses_of_elements_or_attributes_are_refused_before_they_are_a_tree(body: str) -> None:
    assert refused(body).reason is Reason.XML_TOO_COMPLEX


def test_an_element_of_masses_of_attributes_is_refused() -> None:
    attributes = " ".join(f"a{n}='1'" for n in range(200_000))
    assert (
        refused(f"<MeterConfig><Meter {attributes}/></MeterConfig>").reason
        is Reason.XML_TOO_COMPLEX
    )


def test_a_giant_attribute_or_text_is_cut_or_refused() -> None:
    giant = "x" * (7 * 1024 * 1024)
    assert (
        len(event_of(message(events(event(kind=f'<EndDeviceEventType ref="{giant}"/>')))).code)
        == 128
    )
    assert len(event_of(message(events(event(more=f"<reason>{giant}</reason>")))).reason) == 2000
    assert refused(meter_config(names(giant))).reason is Reason.DEVICE_INVALID


def test_dates_and_firmware_beside_thousands_of_devices_are_gone_through_once() -> None:
    dated = "<ConfigurationEvents><effectiveDateTime>2026-01-01T00:00:00Z</effectiveDateTime></ConfigurationEvents>"
    meters = (f"<serialNumber>S{each}</serialNumber>" for each in range(3_000))
    body = message(meter_config(*meters, more=dated * 5_000), noun="MeterConfig")
    assert len(read(body).reports) == 3_000
    devices = "".join(f"<EndDevice>{names(f'S{each}')}</EndDevice>" for each in range(3_000))
    empty = f"<Firmwares>{'<Firmware/>' * 50_000}</Firmwares>"
    firmware = f"<EndDeviceFirmware><Firmware><version>1</version>{devices}{empty}</Firmware></EndDeviceFirmware>"
    assert len(read(message(firmware, noun="EndDeviceFirmware")).reports) == 3_000


def test_a_bomb_is_not_inflated_to_look_for_secrets() -> None:
    bomb = base64.b64encode(gzip.compress(b" " * (65 * 1024 * 1024))).decode()
    assert strip_secrets(f"<a><Compressed>{bomb}</Compressed></a>") == (
        f"<a><Compressed>{COMPRESSED_STRIPPED}</Compressed></a>"
    )


def test_a_thousand_errors_about_ten_thousand_parts_are_gone_through_once() -> None:
    payload = meter_config(*(f"<serialNumber>S{each}</serialNumber>" for each in range(9_999)))
    by_id = "".join(named(f"<ID>S{each}</ID>") for each in range(900))
    by_path = "".join(named(f"<xpath>//Meter[{each}]</xpath>") for each in range(5_001, 5_021))
    understood = read(answer(reply("PARTIAL", by_id, by_path), payload))
    assert len(understood.reports) == 9_999 - 920
    too_many = by_path + named("<xpath>//Meter[1]</xpath>")
    assert refused(answer(reply("PARTIAL", too_many), payload)).reason is Reason.NOT_A_REPORT


def test_errors_that_are_too_many_to_be_read_leave_nothing_to_be_believed() -> None:
    payload = meter_config(*(f"<serialNumber>S{each}</serialNumber>" for each in range(1_500)))
    names_too_much = named(*(f"<ID>S{each}</ID>" for each in range(1_001)))
    too_many = "".join(named(f"<ID>S{each}</ID>") for each in range(1_001))
    for said in (names_too_much, too_many):
        assert refused(answer(reply("PARTIAL", said), payload)).reason is Reason.NOT_A_REPORT


def test_codes_that_a_sender_invents_do_not_grow_the_memory() -> None:
    for number in range(11_000):
        CODES.meaning("hes-north", f"3.26.{number}.85")
    assert len(CODES._remembered) <= 10_000
