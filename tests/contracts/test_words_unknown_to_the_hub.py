"""What a newer connector says and this hub does not know is refused by name, however deep it lies."""

from datetime import UTC, datetime

import pytest
from google.protobuf.descriptor import Descriptor
from meterpark.device_hub.v1 import report_pb2

from device_hub.device.refusal import Refused
from device_hub.wire.reports import to_command

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTENTS = {
    each.name: each.message_type
    for each in report_pb2.Report.DESCRIPTOR.oneofs_by_name["content"].fields
    if each.message_type is not None
}
WORDS = [
    (name, each.name)
    for name, content in CONTENTS.items()
    for each in content.fields
    if each.enum_type is not None
]


@pytest.mark.parametrize(("content", "word"), WORDS)
def test_a_word_of_a_newer_contract_is_refused_by_name(content: str, word: str) -> None:
    report = report_pb2.Report(report_id="r", network="north", device_identifier="SN-1")
    report.received_time.FromDatetime(NOON)
    setattr(getattr(report, content), word, 4711)
    with pytest.raises(Refused, match=f"{content}.{word}: 4711 is not known here"):
        to_command(report)


@pytest.mark.parametrize(("content", "word"), [("linkage", "change"), ("control", "outcome")])
def test_a_content_without_the_word_that_makes_it_one_is_refused_by_name(
    content: str, word: str
) -> None:
    report = report_pb2.Report(report_id="r", network="north", device_identifier="SN-1")
    report.received_time.FromDatetime(NOON)
    getattr(report, content).SetInParent()
    with pytest.raises(Refused, match=f"{content}.{word}: is unspecified"):
        to_command(report)


def test_no_word_lies_deeper_than_the_hub_looks() -> None:
    def enums_below(message: Descriptor) -> list[str]:
        return [
            each.full_name
            for field in message.fields
            if field.message_type is not None
            for each in field.message_type.fields
            if each.enum_type is not None
        ]

    for content in CONTENTS.values():
        assert enums_below(content) == []
    outside = [each for each in report_pb2.Report.DESCRIPTOR.fields if each.enum_type is not None]
    assert outside == []
