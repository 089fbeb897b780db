"""Conditions of the list of devices: what taking one away would bring back, and how the list is kept for a person."""

from playwright.async_api import expect

from tests.neighbours.chromium import Tab
from tests.system.messages import meter_config
from tests.system.park import Park, until


async def _meters(park: Park, *serials: str) -> None:
    await park.publish(*(meter_config(each, "IN_OPERATION") for each in serials))
    for each in serials:
        await until(
            lambda serial=each: park.device(f"north/{serial}"),
            lambda seen: seen.lifecycle.value == "IN_OPERATION",
        )


async def test_a_condition_says_what_taking_it_away_would_bring_back(park: Park, anna: Tab) -> None:
    await _meters(park, "FILTER-A1", "FILTER-A2", "FILTER-B1")
    page = anna.page
    counts: list[str] = []
    page.on(
        "request",
        lambda request: (
            counts.append(request.post_data or "")
            if '"dimensions":[]' in (request.post_data or "")
            else None
        ),
    )
    await anna.open("/devices?begins=FILTER-A&ends=1&lifecycle=IN_OPERATION")
    await expect(page.get_by_text("1 device", exact=True)).to_be_visible()
    assert counts == []
    chips = page.get_by_role("list", name="Conditions of the list")
    await chips.get_by_role("button", name="ends with 1").hover()
    await expect(page.get_by_text("Take this condition away: one device more")).to_be_visible()
    assert await anna.axe() == []
    # The same by the keyboard, and it goes away by Escape.
    lifecycle = chips.get_by_role("button", name="Lifecycle: In operation")
    await lifecycle.focus()
    note = page.get_by_text("Take this condition away: it holds nothing back")
    await expect(note).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(note).to_have_count(0)
    await chips.get_by_role("button", name="ends with 1").focus()
    await expect(page.get_by_text("Take this condition away: one device more")).to_be_visible()
    assert len(counts) == 2
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("2 devices", exact=True)).to_be_visible()
