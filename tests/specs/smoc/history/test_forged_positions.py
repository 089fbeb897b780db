"""Tokens that hold more than a number: whoever forges one gets a page, or is told that it was not made here."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_chassis.pages import PageTokenInvalid
from smoc_service.history.device_history import _read
from smoc_service.json_text import read_json

_ANY = st.none() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=5)
_POSITIONS = st.dictionaries(
    st.sampled_from(["reports", "alarms", "else"]), _ANY | st.lists(_ANY, max_size=4), max_size=3
)


@given(forged=_POSITIONS | st.lists(_ANY) | _ANY)
def test_places_in_a_timeline_are_read_or_refused(forged: object) -> None:
    with suppress(PageTokenInvalid):
        for position in _read(json.dumps(forged)).values():
            # What becomes part of a query can be written down.
            json.dumps(position, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"alarms": [1, "\\ud800", 2]}', "9" * 5_000])
def test_json_that_no_token_of_ours_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_json(text)
    with pytest.raises(PageTokenInvalid):
        _read(text)
