"""Page tokens of the hub's lists: whoever forges one gets a page, or is told that it was not made here."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_hub.wire.page_tokens import from_token, to_token
from service_chassis.pages import PageTokenInvalid, seal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_page_goes_on_behind_the_item_of_its_token() -> None:
    assert from_token("quarantine", "") is None
    assert from_token("quarantine", to_token("quarantine", NOON, "q-1")) == (NOON, "q-1")


def test_the_token_of_another_list_is_refused() -> None:
    with pytest.raises(PageTokenInvalid):
        from_token("conflicts of identities", to_token("quarantine", NOON, "q-1"))


@given(
    text=st.text(min_size=1, max_size=40)
    | st.sampled_from(["0001-01-01T00:00:00+14:00 x", "2026-03-01T12:00:00 x", "9999-12-31 "])
)
def test_a_forged_place_is_a_time_with_a_zone_or_is_refused(text: str) -> None:
    try:
        behind = from_token("quarantine", seal("quarantine", text))
    except PageTokenInvalid:
        return
    assert behind is not None
    assert behind[0].tzinfo is UTC
