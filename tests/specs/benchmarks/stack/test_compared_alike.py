"""What is compared does the same work: the feed changes every device, the stock device takes what ours takes."""

from functools import reduce
from typing import Any

from dapr.serializers import DefaultJSONSerializer

from benchmarks.instruments.feed import NETWORK, Feed
from benchmarks.stack.stock_hub import with_report
from hes_simulator.park.devices import Park

PARK = Park(network=NETWORK, size=3, seed=1)


def feed() -> Feed:
    return Feed(park=PARK, stream="north/bench@1")


def test_every_device_in_turn_loses_power_and_has_it_back() -> None:
    reports = feed().reports(6)
    identifiers = [device.serial_number for device in PARK.devices()]
    assert [report.device_identifier for report in reports] == identifiers * 2
    assert [report.event.code for report in reports] == ["3.26.0.85"] * 3 + ["3.26.0.216"] * 3


def test_no_report_is_a_repetition_of_another() -> None:
    going_on = feed()
    ids = {report.report_id for report in going_on.reports(6) + going_on.reports(6)}
    assert len(ids) == 12


def test_a_message_is_as_large_as_those_of_real_head_end_systems() -> None:
    assert 1_500 <= len(feed().message().body) <= 2_500


def test_several_events_of_one_message_are_of_several_devices() -> None:
    message = feed().message(events=3)
    assert len({fact.device_id for fact in message.facts}) == 3


def test_the_stock_device_shows_the_newest_power_and_counts_each_report_once() -> None:
    lost, restored = feed().reports(6)[0::3]
    device: dict[str, Any] = reduce(with_report, [restored, lost, restored, lost], {})
    assert device["revision"] == 2
    assert device["power"]["value"] == "ON"


def test_the_stock_device_goes_on_from_what_dapr_stored() -> None:
    lost, restored = feed().reports(6)[0::3]
    json = DefaultJSONSerializer()
    stored = json.deserialize(json.serialize(with_report({}, lost)))
    assert with_report(stored, restored)["power"]["value"] == "ON"
    assert with_report(stored, lost)["revision"] == 1
