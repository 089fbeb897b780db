"""Which states of a device are kept, and what is known from them of any time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from smoc_service.register.device import FACETS, Device, Facet
from smoc_service.register.documents import device_document
from smoc_service.register.known_states import device_from_state, state_after, state_id

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
UNKNOWN = {name: Facet(value=values[0]) for name, values in FACETS.items()}


def device(revision: int, power: str = "UNKNOWN", **fields: Any) -> Device:
    facets = UNKNOWN if power == "UNKNOWN" else {**UNKNOWN, "power": Facet(value=power, as_of=AT)}
    return Device(
        device_id="north/1",
        network="north",
        device_identifier="1",
        revision=revision,
        facets=facets,
        **{"updated_at": AT + timedelta(seconds=revision), **fields},
    )


def kept(*devices: Device) -> list[dict[str, Any]]:
    """Return the states that the register keeps when it is told of ``devices`` one after the other."""
    states = []
    before: dict[str, Any] | None = None
    options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    for each in devices:
        state, mark = state_after(before, each)
        if state is not None:
            states.append(bson.decode(bson.encode(state), options))
        before = bson.decode(bson.encode(device_document(each, None) | mark), options)
    return states


def known(states: list[dict[str, Any]], at: datetime) -> Device | None:
    held = [state for state in states if state["_id"]["at"] <= at]
    if not held:
        return None
    holder = held[-1]
    while "described" not in holder:
        wanted = state_id("north/1", holder["described_in"])
        [holder] = [state for state in states if state["_id"] == wanted]
    return device_from_state(held[-1], holder["described"])


def test_contact_alone_makes_no_state() -> None:
    first = device(1, last_contact_at=AT)
    assert (
        len(kept(first, replace(first, revision=2, last_contact_at=AT + timedelta(hours=1)))) == 1
    )


def test_a_facet_that_changed_makes_a_state_that_repeats_no_description() -> None:
    _, second = kept(
        device(1, attributes={"model": "E450"}), device(2, "ON", attributes={"model": "E450"})
    )
    assert "described" not in second


def test_a_text_that_went_away_is_not_known_any_more() -> None:
    states = kept(device(1, attributes={"usage_point": "UP-7"}), device(2))
    now = known(states, AT + timedelta(seconds=2))
    then = known(states, AT + timedelta(seconds=1))
    assert now is not None
    assert then is not None
    assert (then.attributes, now.attributes) == ({"usage_point": "UP-7"}, {})


def test_a_hub_s_clock_that_goes_back_does_not_change_the_order_of_states() -> None:
    states = kept(device(1), device(2, "ON"), device(3, "OFF", updated_at=AT))
    now = known(states, AT + timedelta(seconds=2))
    assert now is not None
    assert now.facets["power"].value == "OFF"


def test_a_device_without_a_time_keeps_the_states_that_it_has() -> None:
    states = kept(device(1), device(2, "ON", updated_at=None), device(3, "OFF"))
    assert [state["_id"]["revision"] for state in states] == [1, 3]


DEVICES = st.builds(
    lambda power, cause, model, point, names: (
        {"power": Facet(value=power, as_of=AT, cause=cause)},
        {name: text for name, text in (("model", model), ("usage_point", point)) if text},
        names,
    ),
    st.sampled_from(FACETS["power"]),
    st.sampled_from(["3.26.0.85", "silence"]),
    st.sampled_from(["", "E450", "AM550"]),
    st.sampled_from(["", "UP-7"]),
    st.dictionaries(st.sampled_from(["$a", "b.c"]), st.sampled_from(["x", "y"])),
)


@given(st.lists(DEVICES, min_size=1))
def test_what_was_known_at_any_time_is_what_had_been_told_last(told: list[Any]) -> None:
    devices = [
        device(revision, attributes=attributes, names=names, first_seen_at=AT)
        for revision, (_, attributes, names) in enumerate(told, 1)
    ]
    devices = [
        replace(each, facets={**UNKNOWN, **facets})
        for each, (facets, _, _) in zip(devices, told, strict=True)
    ]
    states = kept(*devices)
    assert known(states, AT) is None
    for each in devices:
        assert each.updated_at is not None
        then = known(states, each.updated_at)
        assert then is not None
        assert (then.facets, then.attributes, then.names) == (
            each.facets,
            each.attributes,
            each.names,
        )
