"""One table of limits: the contract states it, and what one side may send the next one takes, along the whole chain."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from meterpark.smoc.v1.provisioning_service_pb2 import Provision, ProvisionDevicesRequest

import contract_limits as limits
from device_hub.device.attributes import NAMES
from device_hub.device.commands import Configure, RecordEvent, ReportFacts
from device_hub.device.decisions import decide
from device_hub.device.events import Event
from device_hub.device.evolution import fold
from device_hub.device.refusal import Refused
from device_hub.device.rules import Rules
from device_hub.device.state import INITIAL, Device
from device_hub.device.values import Configuration as Said
from device_hub.device.values import EndDeviceEvent, Meaning
from device_hub.journal.event_codec import events_to_documents
from device_hub.quarantine.store import CLAIMED_BYTES
from device_hub.quarantine.wire import to_document, to_part
from device_hub.wire.devices import to_device, to_entries
from device_hub.wire.reports import fault_of, to_command
from iec_connector.hub.quarantine_wire import IN_ONE_BYTES, entry_to_wire, parts_of
from iec_connector.hub.wire import report_to_wire
from iec_connector.quarantine import Complaint, QuarantineEntry
from iec_connector.sources.configuration import QuarantineSettings
from iec_connector.understanding import (
    Configuration,
    Contact,
    ControlOutcome,
    DeviceEvent,
    Linkage,
    LinkageChange,
    Origin,
    Outcome,
    Report,
)
from iec_connector.understanding.identifiers import Identifier
from iec_connector.understanding.source import Limits
from service_chassis.sidecar import MESSAGE_LIMIT_BYTES
from smoc_service.imports.core.shipment_import import PART
from smoc_service.register.requests import read_provisions

ROOT = Path(__file__).parents[2]
PROTO = ROOT / "proto" / "meterpark"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Four bytes each in UTF-8, as some scripts have them.
WIDE = "\U00010384"
UNDERSTOOD = Limits()
LONGEST_TEXT = WIDE * UNDERSTOOD.text
LONGEST_NAME = WIDE * limits.IDENTIFIER_CHARACTERS


def test_no_report_outgrows_a_call_in_number() -> None:
    """By bytes the connector bounds its batches: 2 MiB, far below what a message may have."""
    assert limits.REPORT_BYTES * 64 < MESSAGE_LIMIT_BYTES
    assert (
        limits.PROVISIONING_BYTES + limits.DEVICE_BYTES + limits.ENTRY_BYTES < MESSAGE_LIMIT_BYTES
    )


@pytest.mark.parametrize(
    ("file", "stated"),
    [
        ("device_hub/v1/report.proto", "1 to 64 characters of [A-Za-z0-9_-]"),
        ("device_hub/v1/report.proto", f"Pattern {limits.NETWORK.pattern}"),
        ("device_hub/v1/report.proto", f"1 to {limits.IDENTIFIER_CHARACTERS} printable characters"),
        ("device_hub/v1/report.proto", f"at most {limits.IDENTIFIERS_PER_REPORT}."),
        ("device_hub/v1/report.proto", f"At most {limits.SCHEME_CHARACTERS} characters."),
        ("device_hub/v1/report.proto", f"At most {limits.REPORT_BYTES // limits.KIB} KiB."),
        ("device_hub/v1/report.proto", f"At most {limits.CODE_CHARACTERS} characters."),
        ("device_hub/v1/report.proto", f"{limits.ATTRIBUTES_PER_DEVICE} texts, and"),
        (
            "device_hub/v1/report.proto",
            f"{limits.ATTRIBUTE_BYTES_PER_DEVICE // limits.KIB} KiB of them, of all configurations",
        ),
        ("device_hub/v1/device_hub_service.proto", f"1 to {limits.REPORTS_PER_CALL}"),
        (
            "smoc/v1/provisioning_service.proto",
            f"1 to {limits.DEVICES_PER_PROVISIONING} devices, each at most once",
        ),
        ("smoc/v1/provisioning_service.proto", f"At most {limits.ENTRIES_PER_PROVISION:,}"),
        ("smoc/v1/provisioning_service.proto", f"1 to {limits.REVISIONS_PER_COMPARISON:,}"),
        (
            "smoc/v1/device.proto",
            f"joined into it, in order. At most {limits.IDENTIFIERS_PER_DEVICE}.",
        ),
        ("smoc/v1/device.proto", f"into this one, in order. At most {limits.JOINED_PER_DEVICE}."),
        (
            "smoc/v1/provisioning_service.proto",
            f"A device has at most {limits.DEVICE_BYTES // limits.KIB} KiB, an entry too",
        ),
        (
            "device_hub/v1/quarantine.proto",
            f"1 byte to {limits.QUARANTINED_PART_BYTES // limits.MIB} MiB",
        ),
        ("device_hub/v1/quarantine.proto", f"Up to {limits.QUARANTINED_PER_CALL} messages."),
        ("device_hub/v1/quarantine.proto", f"Up to {limits.QUARANTINED_PARTS_PER_CALL} parts of"),
        ("device_hub/v1/quarantine.proto", f"1 to {limits.ROWS_PER_PAGE}; 0 means"),
        ("device_hub/v1/quarantine.proto", f"1 to {limits.REPLAYS_PER_CLAIM}."),
        ("device_hub/v1/quarantine.proto", f"Up to {limits.COMPLETED_REPLAYS_PER_CALL}."),
        (
            "smoc/v1/import_service.proto",
            f"At most {limits.IMPORT_ROWS:,} rows and {limits.IMPORT_FILE_BYTES // limits.MIB} MiB",
        ),
        (
            "smoc/v1/import_service.proto",
            f"at most {limits.IMPORT_CHUNK_BYTES // limits.MIB} MiB at once",
        ),
        ("smoc/v1/note_service.proto", f"1 to {limits.NOTE_CHARACTERS} characters, several"),
        ("smoc/v1/note_service.proto", f"the device has {limits.NOTES_PER_DEVICE} notes."),
        ("smoc/v1/alarm_service.proto", f"`comment` up to {limits.COMMENT_CHARACTERS:,} char"),
        ("smoc/v1/audit_service.proto", f"Up to {limits.DEED_TEXT_CHARACTERS:,} characters of"),
        ("smoc/v1/audit_service.proto", f"it names, up to {limits.DEED_DEVICES}."),
        ("device_hub/v1/identity_service.proto", f"1 to {limits.REASON_CHARACTERS} characters"),
        ("smoc/v1/device_service.proto", f"1 to {limits.DEVICES_PER_CALL}"),
        (
            "device_hub/v1/reading.proto",
            f"1 byte to {limits.READING_BYTES // limits.MIB} MiB of a message.",
        ),
        ("device_hub/v1/reading.proto", f"At most {limits.READINGS_PER_CLAIM}."),
        ("device_hub/v1/reading.proto", f"The first {limits.REPORTS_PER_READING} reports"),
        ("device_hub/v1/reading.proto", f"At most {limits.UNDERSTOOD_BYTES // limits.MIB} MiB."),
    ],
)
def test_the_contract_states_the_table(file: str, stated: str) -> None:
    text = re.sub(r"\s*//\s*", " ", (PROTO / file).read_text())
    assert stated in text


def test_every_limit_is_read_by_a_program() -> None:
    """A number that only tests read is one that nobody keeps to."""
    read = {
        name.name
        for text in _sources()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.module == limits.__name__
        for name in node.names
    }
    units = {"KIB", "MIB"}
    assert {name for name in vars(limits) if name.isupper()} - units <= read


def test_the_pattern_of_networks_stands_in_the_table_alone() -> None:
    assert [text[:100] for text in _sources() if limits.NETWORK.pattern in text] == []


def _sources() -> Iterator[str]:
    """Yield every module of our programs, but the table itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for place in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        if place not in {"contract_limits", "proto/python/meterpark"}:
            for path in (ROOT / place).rglob("*.py"):
                if "node_modules" not in path.parts:
                    yield path.read_text()


def _longest(kind: type[Any], **said: Any) -> Any:
    """Return a content in which every text is as long as the connector makes one, and every map as full."""
    texts = {each.name: LONGEST_TEXT for each in fields(kind) if type(each.default) is str}
    maps = {
        each.name: {
            f"{number:03}{LONGEST_NAME[3:]}": LONGEST_TEXT for number in range(UNDERSTOOD.entries)
        }
        for each in fields(kind)
        if each.name in {"names", "details", "life_dates"}
    }
    return kind(**{**texts, **maps, **said})


CODE = WIDE * limits.CODE_CHARACTERS
# The connector makes degrees of coordinates, or leaves them out (test_what_describes_a_device).
LONGEST_FRACTION = "9" * 15
LARGEST = [
    _longest(
        Configuration, latitude=f"-89.{LONGEST_FRACTION}", longitude=f"-179.{LONGEST_FRACTION}"
    ),
    _longest(DeviceEvent, code=CODE),
    _longest(Linkage, change=LinkageChange.LINKED, usage_point=LONGEST_NAME),
    _longest(ControlOutcome, outcome=Outcome.FAILED, code=CODE),
    Contact(reading_count=2**32 - 1),
]


def _report(content: Any) -> Report:
    return Report(
        report_id="r" * 64,
        network="n" * 63,
        device_identifier=LONGEST_NAME,
        received_at=NOON,
        occurred_at=NOON,
        origin=Origin(
            source="s" * 100,
            message_id=WIDE * 256,
            correlation_id=WIDE * 256,
            verb=WIDE * 256,
            noun=WIDE * 256,
            message_at=NOON,
            index=9_999,
        ),
        identifiers=tuple(
            Identifier(scheme=WIDE * limits.SCHEME_CHARACTERS, value=f"{n:02}{LONGEST_NAME[2:]}")
            for n in range(limits.IDENTIFIERS_PER_REPORT)
        ),
        content=content,
    )


def _provision(device: Device, events: Iterable[Event], revision: int = 1) -> Provision:
    commit: Mapping[str, Any] = {
        "revision": revision,
        "committed_at": NOON,
        "events": events_to_documents(list(events)),
    }
    return Provision(device=to_device(device, revision, NOON), entries=to_entries(commit))


@pytest.mark.parametrize("content", LARGEST, ids=lambda one: type(one).__name__)
def test_the_largest_report_that_the_connector_can_make_is_taken_by_hub_and_register(
    content: Any,
) -> None:
    wire = report_to_wire(_report(content))
    assert fault_of(wire) is None
    events = decide(INITIAL, to_command(wire), Rules())
    assert events
    provision = _provision(fold(INITIAL, events), events)
    assert provision.ByteSize() < limits.PROVISIONING_BYTES
    [taken] = read_provisions(ProvisionDevicesRequest(provisions=[provision]))
    assert len(taken.entries) == len(provision.entries)


def _quarantined(body: bytes) -> QuarantineEntry:
    return QuarantineEntry(
        quarantine_id="q" * 32,
        source="s" * 63,
        network="n" * 63,
        destination="queue://IEC20_PUSH",
        message_id=WIDE * 256,
        verb=WIDE * 256,
        noun=WIDE * 256,
        received_at=NOON,
        complaint=Complaint(reason="XML_MALFORMED", detail=WIDE * 4_000, place=WIDE * 256),
        body=body,
        body_kind="bytes",
        body_size_bytes=len(body),
        truncated=False,
    )


@pytest.mark.parametrize("size", [0, IN_ONE_BYTES, IN_ONE_BYTES + 1, 9 * limits.MIB + 1])
def test_a_body_of_any_size_that_the_connector_sends_to_the_quarantine_is_taken_whole(
    size: int,
) -> None:
    body = b"x" * size
    entry = _quarantined(body)
    message = to_document(entry_to_wire(entry), NOON)
    parts = [to_part(part) for part in parts_of(entry)]
    assert message["body"] + b"".join(part.content for part in parts) == body
    assert message["kept_size_bytes"] == size


def test_what_the_connector_keeps_of_a_body_is_no_more_than_the_quarantine_takes() -> None:
    stated = QuarantineSettings.model_json_schema()["properties"]["body_bytes"]
    assert stated["maximum"] <= limits.QUARANTINED_BODY_BYTES
    assert IN_ONE_BYTES <= limits.QUARANTINED_PART_BYTES
    assert limits.QUARANTINED_PART_BYTES + limits.MIB < MESSAGE_LIMIT_BYTES


def test_a_claim_of_replays_fits_into_an_answer_and_can_be_completed_in_one_call() -> None:
    assert CLAIMED_BYTES + limits.QUARANTINED_PART_BYTES + limits.MIB < MESSAGE_LIMIT_BYTES
    assert limits.REPLAYS_PER_CLAIM <= limits.COMPLETED_REPLAYS_PER_CALL


def test_a_part_of_an_import_is_one_call_to_the_hub() -> None:
    assert PART <= limits.REPORTS_PER_CALL
    assert limits.IMPORT_CHUNK_BYTES < MESSAGE_LIMIT_BYTES


def test_a_report_that_fits_travels_as_it_is() -> None:
    said = Configuration(serial_number="61000001", names={"MeterUniqueID": "A" * 2_000})
    wire = report_to_wire(_report(said))
    assert dict(wire.configuration.names) == dict(said.names)


def test_what_tells_a_device_is_not_cut_while_anything_else_can_be() -> None:
    names = {f"name {number:03}": "x" * UNDERSTOOD.text for number in range(40)}
    wire = report_to_wire(_report(Configuration(serial_number="S" * 128, names=names)))
    assert wire.configuration.serial_number == "S" * 128
    assert wire.configuration.names["name 000"].endswith("…")
    assert wire.configuration.names.keys() == names.keys()


def test_names_that_do_not_fit_are_counted() -> None:
    wire = report_to_wire(_report(LARGEST[0]))
    kept = dict(wire.configuration.names)
    assert kept["…"] == f"{UNDERSTOOD.entries + 1 - len(kept)} more are not kept"


def _largest_device() -> tuple[Device, list[Event]]:
    """A device that is told as much as it holds, by sources that invent names, with the longest causes."""
    device, last = INITIAL, list[Event]()
    facts = ReportFacts(network="n" * 63, identifier=LONGEST_NAME, received_at=NOON)
    for meaning in (Meaning.POWER_LOST, Meaning.TAMPER_DETECTED, Meaning.SWITCH_CONNECTED):
        event = EndDeviceEvent(code=CODE, meaning=meaning)
        device = fold(device, decide(device, RecordEvent(facts=facts, event=event), Rules()))
    number, size = 0, 8_000
    while size:
        facts = ReportFacts(
            network="n" * 63,
            identifier=LONGEST_NAME,
            received_at=NOON + timedelta(seconds=number),
        )
        said = Said(attributes={f"{NAMES}{number}": "x" * size})
        try:
            last = decide(device, Configure(facts=facts, configuration=said), Rules())
        except Refused as refused:
            assert "attributes" in refused.detail  # noqa: PT017 - it is refused at last, and for that alone
            size //= 2
        else:
            device = fold(device, last)
            number += 1
    for number in range(limits.PLANS_PER_DEVICE):
        later = NOON + timedelta(days=number + 1)
        facts = replace(facts, said_at=NOON, occurred_at=later)
        said = Said(attributes={"area": f"{number:02}{'x' * 3_200}"})
        last = decide(device, Configure(facts=facts, configuration=said), Rules())
        device = fold(device, last)
    assert len(device.plans) == limits.PLANS_PER_DEVICE
    return device, last


def test_the_largest_device_that_the_hub_can_hold_is_taken_by_the_register_in_one_request() -> None:
    device, events = _largest_device()
    held = sum(len(word.encode()) + len(text) for word, text in device.attributes.items())
    assert held > limits.ATTRIBUTE_BYTES_PER_DEVICE - 100
    provision = _provision(device, events, revision=2**63 - 1)
    assert provision.device.ByteSize() <= limits.DEVICE_BYTES
    request = ProvisionDevicesRequest(provisions=[provision])
    assert request.ByteSize() <= limits.PROVISIONING_BYTES
    [taken] = read_provisions(request)
    assert len(taken.device.names) == len(device.attributes)


def test_a_device_that_held_too_much_before_there_was_a_limit_may_still_shrink() -> None:
    device = fold(INITIAL, [])
    facts = ReportFacts(network="north", identifier="SN-1", received_at=NOON)
    first = Said(attributes={"model": "E450"})
    device = fold(device, decide(device, Configure(facts=facts, configuration=first), Rules()))
    grown = {f"{NAMES}x": "x" * 100_000, "model": "E450"}
    before = type(device)(
        **{each.name: getattr(device, each.name) for each in fields(device)} | {"attributes": grown}
    )
    later = ReportFacts(network="north", identifier="SN-1", received_at=NOON + timedelta(seconds=1))
    less = Said(attributes={f"{NAMES}x": "x"})
    assert decide(before, Configure(facts=later, configuration=less), Rules())
    more = Said(attributes={f"{NAMES}y": "y"})
    with pytest.raises(Refused, match="bytes of attributes"):
        decide(before, Configure(facts=later, configuration=more), Rules())
