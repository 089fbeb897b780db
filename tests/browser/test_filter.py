"""Conditions of the list of devices: what taking one away would bring back, and how the list is kept for a person."""

import json

from playwright.async_api import expect

from tests.browser.test_work import known
from tests.neighbours.chromium import Tab, fill_in
from tests.neighbours.keycloak import Keycloak
from tests.system.park import Park


async def test_a_condition_says_what_taking_it_away_would_bring_back(park: Park, anna: Tab) -> None:
    for meter in ("FILTER-A1", "FILTER-A2", "FILTER-B1"):
        await known(park, meter)
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


async def test_density_columns_and_page_size_are_each_person_s_own_and_the_address_wins(
    park: Park, anna: Tab, keycloak: Keycloak
) -> None:
    await known(park, "FILTER-A1")
    page = anna.page
    await anna.open("/devices?begins=FILTER-A1")
    row = page.get_by_role("row").filter(has_text="FILTER-A1")
    await expect(row).to_have_css("height", "34px")
    await page.locator("summary", has_text="anna").click()
    await page.get_by_label("Density").select_option("comfortable")
    await page.get_by_label("Lines of a list read at once").select_option("25")
    assert await anna.axe() == []
    # At once, without a reload.
    await expect(row).to_have_css("height", "44px")
    await page.keyboard.press("Escape")
    await page.locator("summary", has_text="Columns").click()
    await (
        page.get_by_role("checkbox", name="Power")
        .and_(page.locator("mp-chosen-columns input"))
        .uncheck()
    )
    power = page.get_by_role("columnheader", name="Power")
    await expect(power).to_have_count(0)

    await anna.open("/devices?begins=FILTER-A1")
    await expect(row).to_have_css("height", "44px")
    await expect(power).to_have_count(0)
    await anna.open("/devices?begins=FILTER-A1&columns=device,power")
    await expect(power).to_be_visible()
    await expect(page.get_by_role("columnheader")).to_have_count(3)
    async with page.expect_request(
        lambda request: '"AlarmsPage"' in (request.post_data or "")
    ) as asked:
        await anna.open("/alarms")
    assert json.loads((await asked.value).post_data or "")["variables"]["first"] == 25

    # Another person at the same machine has the usual ways.
    await page.locator("summary", has_text="anna").click()
    await page.get_by_role("button", name="Log out").click()
    await fill_in(page, keycloak, "victor")
    await page.get_by_role("navigation", name="Views").wait_for()
    await anna.open("/devices?begins=FILTER-A1")
    await expect(row).to_have_css("height", "34px")
    await expect(power).to_be_visible()
