"""What lies in the journal is read for as long as the journal exists.

The golden documents in ``stored/`` are what some version of the hub once wrote. They are never edited and never
deleted: ``stored/sealed.txt`` holds their digests. To change what is stored, give the stored name a new number, write
an upcaster from the old one, and add a golden document with its line in the seal.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import bson
import pytest
from bson.codec_options import CodecOptions

from device_hub.device.events import Event
from device_hub.device.events.concluded import FellSilent
from device_hub.device.events.planned import ChangePlanned
from device_hub.device.events.recorded import (
    EventNoted,
    PhaseLost,
    PowerLost,
)
from device_hub.device.events.stated import (
    Configured,
    ContactMade,
    LifecycleStaged,
    Linked,
)
from device_hub.device.plan import Plan, PlanKind
from device_hub.device.state import Device
from device_hub.device.values import (
    Communication,
    EndDeviceEvent,
    Facet,
    Flag,
    Lifecycle,
    Meaning,
    Occurrence,
    Power,
    Switch,
)
from device_hub.journal.event_codec import (
    _FLATTENED,
    KEYS,
    STORED,
    UPCASTERS,
    event_from_document,
    event_to_document,
)
from device_hub.journal.newer import WrittenByNewerHub
from device_hub.journal.state_codec import KEYS as STATE_KEYS
from device_hub.journal.state_codec import (
    STATE_VERSION,
    device_from_document,
    device_to_document,
    part_from_document,
)

GOLDEN = Path(__file__).parent / "stored"
STATE = f"device-state.{STATE_VERSION}"
# "linked.1+parent" is what was written of a "linked.1" that says more than its first golden document.
FILES = sorted(path.stem for path in GOLDEN.glob("*.json") if "device-state" not in path.stem)
NAMES = sorted({file.partition("+")[0] for file in FILES})
WRITTEN = [file for file in FILES if file.partition("+")[0] in STORED]

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
RECEIVED_AT = datetime(2026, 3, 1, 10, 0, 2, tzinfo=UTC)


def golden(name: str) -> dict[str, Any]:
    text = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text, object_hook=_dates)
    return document


def through_bson(document: dict[str, Any]) -> dict[str, Any]:
    options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    return bson.decode(bson.encode(document), options)


def _dates(found: dict[str, Any]) -> Any:
    return datetime.fromisoformat(found["$date"]) if "$date" in found else found


def test_golden_documents_are_never_edited() -> None:
    seal = (GOLDEN / "sealed.txt").read_text(encoding="utf-8")
    sealed = {name: digest for digest, name in map(str.split, seal.splitlines())}
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in GOLDEN.glob("*.json")}
    assert found == sealed, "a golden document was edited, removed, or added without its seal"


def test_every_stored_name_has_its_golden_document() -> None:
    names = set(STORED) | set(UPCASTERS)
    assert not names - set(NAMES), f"no golden document: {', '.join(sorted(names - set(NAMES)))}"
    assert set(NAMES) == names


def test_every_event_has_a_stored_name_of_its_own() -> None:
    assert sorted(STORED) == sorted(kind.STORED for kind in get_args(Event))


@pytest.mark.parametrize("name", sorted(STORED))
def test_every_field_of_an_event_is_in_a_golden_document(name: str) -> None:
    """Else a field could be renamed, and what lies in the journal would be read without it."""
    documents = [golden(file) for file in FILES if file.partition("+")[0] == name]
    events = [event_from_document(document) for document in documents]
    for field in fields(STORED[name].kind):
        assert any(getattr(event, field.name) != _default(field) for event in events), field.name


# What was written of a name that said more by then, while hubs still passed over what they did not know.
GREW = {
    *("configured.1+over", "contact-made.1+heard", "linked.1+parent", "power-lost.1+place"),
    *("tamper-cleared.1+ended", "unlinked.1+parent"),
    *("device-state.2+joined", "device-state.2+parts", "device-state.2+shipped"),
}


def test_a_shape_that_changes_gets_a_new_number() -> None:
    """Another field under the same name is one that an older hub does not know: it takes no turn of that device."""
    grown = {path.stem for path in GOLDEN.glob("*+*.json")}
    assert grown == GREW, "give the name, or the state, a new number instead"


@pytest.mark.parametrize("name", sorted(STORED))
def test_what_an_event_may_hold_is_what_its_golden_documents_hold(name: str) -> None:
    held = {key for file in FILES if file.partition("+")[0] == name for key in golden(file)}
    # All that is said of any event or control is in one of them.
    anything = {*_FLATTENED["when"], *_FLATTENED["event"], *_FLATTENED["control"]}
    assert held <= KEYS[name]
    assert KEYS[name] - anything <= held


def test_what_is_said_of_any_event_is_in_a_golden_document() -> None:
    held = {key for file in FILES for key in golden(file)}
    assert {key for keys in _FLATTENED.values() for key in keys} <= held


def test_what_a_state_may_hold_is_what_its_golden_documents_hold() -> None:
    files = [path.stem for path in GOLDEN.glob(f"{STATE}*.json")]
    assert {key for file in files for key in golden(file)} == STATE_KEYS


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.mark.parametrize("name", FILES)
def test_a_golden_document_is_read(name: str) -> None:
    event_from_document(golden(name))


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_read_is_written_as_it_was(name: str) -> None:
    assert event_to_document(event_from_document(golden(name))) == golden(name)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_document_survives_the_database_format(name: str) -> None:
    assert event_from_document(through_bson(golden(name))) == event_from_document(golden(name))


def test_a_power_loss_is_read_with_all_that_was_said() -> None:
    event = event_from_document(golden("power-lost.1"))
    assert event == PowerLost(
        event=EndDeviceEvent(
            code="3.26.0.85",
            meaning=Meaning.POWER_LOST,
            code_name="ElectricMeter.Example",
            severity="3",
            reason="as written",
            event_mrid="2f6e3c1e-7a0b-4a60-9d7e-1c1f0a5f0001",
            issuer_tracking_id="4711",
            details={"Raw": "0x1F"},
            usage_point="UP-7",
        ),
        when=Occurrence(
            at=AT,
            stated_at=AT,
            received_at=RECEIVED_AT,
            flags=(Flag.LATE, Flag.ZONE_ASSUMED),
        ),
        fingerprint=-4611686018427387903,
    )


def test_a_phase_loss_is_read_with_its_phase() -> None:
    event = event_from_document(golden("phase-lost.1"))
    assert isinstance(event, PhaseLost)
    assert event.phase == "A"


def test_known_and_unknown_codes_are_told_apart() -> None:
    known, unknown = (
        event_from_document(golden(name)) for name in ("event-noted.1", "unknown-event-noted.1")
    )
    assert isinstance(known, EventNoted)
    assert isinstance(unknown, EventNoted)
    assert known.event.meaning is Meaning.NOTED
    assert unknown.event.meaning is Meaning.UNSPECIFIED


def test_a_configuration_is_read_with_what_changed_and_what_came_too_late() -> None:
    event = event_from_document(golden("configured.1"))
    assert isinstance(event, Configured)
    assert event.changed == {
        "model": "E450",
        "names/MeterUniqueID": "MU-1",
        "lifecycle": "IN_OPERATION",
    }
    assert (event.overtaken, event.switch) == ({"area": "North 4"}, Switch.CONNECTED)


def test_a_stage_and_a_silence_are_read() -> None:
    assert event_from_document(golden("lifecycle-staged.1")) == LifecycleStaged(
        lifecycle=Lifecycle.IN_OPERATION,
        when=Occurrence(at=RECEIVED_AT, stated_at=None, received_at=RECEIVED_AT),
        cause="MeterConfig",
    )
    assert event_from_document(golden("fell-silent.1")) == FellSilent(
        silent_since=AT, noted_at=datetime(2026, 3, 2, 12, tzinfo=UTC)
    )


def test_a_contact_whose_message_waited_is_one_of_when_it_was_told() -> None:
    event = event_from_document(golden("contact-made.1+heard"))
    assert isinstance(event, ContactMade)
    told_at = datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert (event.when.heard, event.when.received_at) == (told_at, RECEIVED_AT)


def test_a_plan_is_read_as_it_was_announced() -> None:
    event = event_from_document(golden("change-planned.1"))
    assert event == ChangePlanned(
        when=Occurrence(at=AT, stated_at=AT, received_at=RECEIVED_AT),
        plan=Plan(
            kind=PlanKind.CONFIGURATION,
            effective_at=datetime(2027, 1, 1, tzinfo=UTC),
            said_at=AT,
            said={"lifecycle": "REMOVED", "status": "Removed"},
        ),
    )


def test_what_describes_an_event_and_a_linkage_further_is_read() -> None:
    lost = event_from_document(golden("power-lost.1+place"))
    assert isinstance(lost, PowerLost)
    assert (lost.event.author, lost.event.latitude) == ("field crew 7", "47.3769")
    linked = event_from_document(golden("linked.1+parent"))
    assert isinstance(linked, Linked)
    assert (linked.usage_point, linked.parent) == ("", "GATEWAY-1")


def test_a_device_stored_before_there_were_plans_has_none() -> None:
    before = device_from_document(golden("device-state.1"))
    assert before is not None
    assert before.plans == ()
    after = device_from_document(golden(STATE))
    assert after is not None
    assert [plan.kind for plan in after.plans] == [PlanKind.CONFIGURATION, PlanKind.LINK]


def test_an_event_of_a_newer_hub_is_an_error_that_names_it() -> None:
    with pytest.raises(WrittenByNewerHub, match=r'"meter-flew-away\.7" is not known'):
        event_from_document({"name": "meter-flew-away.7", "at": AT})


@pytest.mark.parametrize(
    "stored",
    [
        {**golden("power-lost.1"), "how_long": 7},
        {**golden("lifecycle-staged.1"), "lifecycle": "ON_THE_MOON"},
        {**golden("power-lost.1"), "flags": ["GUESSED"]},
        {**golden("change-planned.1"), "plan": {**golden("change-planned.1")["plan"], "by": "x"}},
        {**golden("device-joined.1"), "part": {**golden("device-joined.1")["part"], "more": 1}},
        {**golden("device-joined.1"), "part": {**golden("device-joined.1")["part"], "version": 9}},
        {**golden("identified.1"), "identifiers": [{"scheme": "a", "value": "b", "since": AT}]},
    ],
    ids=lambda stored: str(stored["name"]),
)
def test_what_an_event_says_more_is_never_passed_over(stored: dict[str, Any]) -> None:
    with pytest.raises(WrittenByNewerHub):
        event_from_document(stored)


@pytest.mark.parametrize(
    "more",
    [
        {"colour": "green"},
        {"stage": {**golden(STATE)["stage"], "value": "ON_THE_MOON"}},
        {"plans": [{**golden(STATE)["plans"][0], "by": "x"}]},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_state_that_says_more_is_not_read_and_the_device_is_replayed(
    more: dict[str, Any],
) -> None:
    assert device_from_document({**golden(STATE), **more}) is None
    with pytest.raises(WrittenByNewerHub):
        part_from_document({**golden(STATE), **more})


def test_an_older_shape_is_raised_number_by_number() -> None:
    def from_0(stored: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        return "fell-silent.0b", {**stored, "silent_since": stored["since"]}

    def from_0b(stored: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        return "fell-silent.1", {**stored, "noted_at": stored["silent_since"]}

    stored = {"name": "fell-silent.0", "since": AT}
    upcasters = {"fell-silent.0": from_0, "fell-silent.0b": from_0b}
    assert event_from_document(stored, upcasters) == FellSilent(silent_since=AT, noted_at=AT)
    assert stored == {"name": "fell-silent.0", "since": AT}, "an upcaster is pure"


def test_a_stored_device_is_read() -> None:
    device = device_from_document(golden(STATE))
    assert isinstance(device, Device)
    assert device.communication == Facet(
        Communication.LOST, datetime(2026, 3, 1, 10, 20, tzinfo=UTC), "3.1.0.85"
    )
    assert device.supply.value is Power.OFF
    assert device.attributes["model"] == "E450"
    assert device_to_document(device) == golden(STATE)


def test_a_stored_device_survives_the_database_format() -> None:
    read = through_bson(golden(STATE))
    assert device_from_document(read) == device_from_document(golden(STATE))


def test_a_stored_device_that_was_joined_says_into_which() -> None:
    device = device_from_document(through_bson(golden("device-state.2+joined")))
    assert device is not None
    assert (device.joined_into, device.joined_at) == ("north/S1", AT.replace(day=2, hour=9))
    assert device_to_document(device) == golden("device-state.2+joined")


def test_a_stored_device_that_was_shipped_says_what_the_file_said() -> None:
    device = device_from_document(through_bson(golden("device-state.2+shipped")))
    assert device is not None
    assert device.shipped == {"model", "serial_number"}
    assert device.shipped_at == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert [one.scheme for one in sorted(device.identifiers)] == ["mrid", "serial_number"]
    assert device_to_document(device) == golden("device-state.2+shipped")


def test_a_stored_device_with_parts_keeps_what_it_is_without_them() -> None:
    device = device_from_document(through_bson(golden("device-state.2+parts")))
    assert device is not None
    assert device.own is not None
    assert list(device.parts) == ["north/8f1c"]
    assert (device.supply.value, device.own.supply.value) == (Power.OFF, Power.UNKNOWN)
    assert device_to_document(device) == golden("device-state.2+parts")


def test_a_device_stored_by_another_version_is_not_read() -> None:
    assert device_from_document({**golden(STATE), "version": STATE_VERSION + 1}) is None
    assert device_from_document({}) is None
