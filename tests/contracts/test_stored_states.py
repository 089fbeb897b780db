"""States of devices that the register once kept are read for as long as it exists. Golden documents: never edited."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from smoc_service.register.device import FACETS, Device, Facet
from smoc_service.register.documents import device_document
from smoc_service.register.known_states import device_from_state, state_after

GOLDEN = Path(__file__).parent / "stored_states"

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
UNKNOWN = {name: Facet(value=values[0]) for name, values in FACETS.items()}
DESCRIBED = Device(
    device_id="north/LGZ0012345678",
    network="north",
    device_identifier="LGZ0012345678",
    revision=3,
    facets=UNKNOWN
    | {
        "lifecycle": Facet(value="IN_OPERATION", as_of=AT, cause="MeterConfig"),
        "power": Facet(value="ON", as_of=None, cause="inferred from contact"),
    },
    attributes={
        "serial_number": "LGZ0012345678",
        "model": "E450",
        "firmware_version": "1.2.0",
        "usage_point": "UP-7",
    },
    names={"Meter.Unique$ID": "x.y"},
    life_dates={"installationDate": "2026-03-01"},
    first_seen_at=AT.replace(hour=8),
    updated_at=AT.replace(second=2),
)


def golden(name: str) -> dict[str, Any]:
    text = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text, object_hook=_dates)
    return document


def _dates(found: dict[str, Any]) -> Any:
    return datetime.fromisoformat(found["$date"]) if "$date" in found else found


def test_golden_states_are_never_edited() -> None:
    seal = (GOLDEN / "sealed.txt").read_text(encoding="utf-8")
    sealed = {name: digest for digest, name in map(str.split, seal.splitlines())}
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in GOLDEN.glob("*.json")}
    assert found == sealed, "a golden state was edited, removed, or added without its seal"


def test_a_state_is_stored_and_read_as_ever() -> None:
    state, _ = state_after(None, DESCRIBED)
    assert state == golden("described.1")
    assert state is not None
    assert device_from_state(state, state["described"]) == DESCRIBED


def test_a_state_that_describes_nothing_new_is_stored_and_read_as_ever() -> None:
    power = Facet(value="OFF", as_of=AT.replace(hour=11), cause="3.26.0.85")
    changed = Device(
        **{
            **{name: getattr(DESCRIBED, name) for name in Device.__dataclass_fields__},
            "revision": 5,
            "facets": {**DESCRIBED.facets, "power": power},
            "updated_at": AT.replace(hour=11, second=2),
        }
    )
    _, mark = state_after(None, DESCRIBED)
    state, _ = state_after(device_document(DESCRIBED, None) | mark, changed)
    assert state == golden("described-in.1")
    assert state is not None
    assert device_from_state(state, golden("described.1")["described"]) == changed
