"""Saved views of devices and alarms: kept under a name, opened, changed, shared and deleted, each refusal in words."""

import re
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.test_work import known
from tests.neighbours.chromium import HEIGHT, Tab, is_well_made, log_in, open_tab
from tests.neighbours.keycloak import Keycloak
from tests.system.park import Park

METER = "SAVED-1"


async def _menu(page: Page) -> Locator:
    """Open the menu of saved views; it is read by then."""
    await page.locator("summary", has_text="Saved views").click()
    views = page.get_by_role("list", name="Saved views")
    await expect(views).to_be_visible()
    return views


async def _save(page: Page, name: str, *, shared: bool = False) -> None:
    await page.get_by_label("Save filter, order and columns as").fill(name)
    form = page.locator("form", has=page.get_by_label("Save filter, order and columns as"))
    await form.get_by_role("checkbox", name="others see it, too").set_checked(shared)
    await form.get_by_role("button", name="Save view").click()


async def _delete(page: Page, name: str) -> None:
    await page.get_by_role("button", name=f"Change {name}", exact=True).click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Delete it").click()
    await expect(page.get_by_text(f"{name} is deleted.")).to_be_visible()


async def test_a_view_is_saved_and_opened_and_its_address_is_that_of_the_list(
    park: Park, anna: Tab
) -> None:
    await known(park, METER)
    page = anna.page
    shown = "/devices?begins=SAVED&older=lifecycle:24&sort=-last_contact_at,model"
    await anna.open(shown + "&columns=device,power,area")
    await expect(page.get_by_role("columnheader", name="Last contact")).to_have_count(0)
    await _menu(page)
    await _save(page, "stuck for a day")
    await expect(page.get_by_text("Saved as stuck for a day.")).to_be_visible()

    # Back to the menu from another list: the same filter, order and columns, and nothing else.
    await anna.open("/devices?begins=OTHER&columns=device,model")
    views = await _menu(page)
    await views.get_by_role("link", name="stuck for a day").click()
    chips = page.get_by_role("list", name="Conditions of the list")
    await expect(chips.get_by_text("begins with SAVED")).to_be_visible()
    await expect(chips.get_by_text("Lifecycle for at least 24 h")).to_be_visible()
    await expect(page.get_by_role("columnheader")).to_have_count(4)
    said = page.url.split("?")[1]
    for word in ("begins=SAVED", "older=lifecycle:24", "sort=-last_contact_at,model"):
        assert word in said
    assert "OTHER" not in said
    # It says which one is shown.
    views = await _menu(page)
    link = views.get_by_role("link", name="stuck for a day")
    await expect(link).to_have_attribute("aria-current", "true")
    await _delete(page, "stuck for a day")
    await expect(link).to_have_count(0)


async def test_a_view_is_renamed_and_replaced_and_a_name_that_is_taken_is_told(
    park: Park, anna: Tab
) -> None:
    await known(park, METER)
    page = anna.page
    await anna.open("/devices?begins=SAVED")
    views = await _menu(page)
    await _save(page, "first")
    await expect(page.get_by_text("Saved as first.")).to_be_visible()
    await _save(page, "first")
    taken = page.get_by_text("You have a view of this name already")
    await expect(taken).to_be_visible()
    await _save(page, "second")
    await expect(page.get_by_text("Saved as second.")).to_be_visible()

    await page.get_by_role("button", name="Change second").click()
    await page.get_by_label("Name", exact=True).fill("first")
    await page.get_by_role("button", name="Rename or share").click()
    await expect(taken).to_be_visible()
    await page.get_by_label("Name", exact=True).fill("third")
    await page.get_by_role("button", name="Rename or share").click()
    await expect(views.get_by_role("link", name="third")).to_be_visible()

    await anna.open("/devices?begins=SAVED-1&sort=model")
    views = await _menu(page)
    await page.get_by_role("button", name="Change third").click()
    await page.get_by_role("button", name="Replace by what is shown").click()
    link = views.get_by_role("link", name="third")
    await expect(link).to_have_attribute("aria-current", "true")
    assert "begins=SAVED-1" in (await link.get_attribute("href") or "")
    await _delete(page, "first")
    await _delete(page, "third")


async def test_a_view_that_another_tab_changed_meanwhile_is_not_replaced_unseen(
    park: Park, anna: Tab
) -> None:
    await known(park, METER)
    page = anna.page
    await anna.open("/devices?begins=SAVED")
    await _menu(page)
    await _save(page, "two tabs")
    views = page.get_by_role("list", name="Saved views")
    await expect(views.get_by_role("link", name="two tabs")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(f"{anna.home}/devices?begins=OTHER")
    await _menu(other)
    await other.get_by_role("button", name="Change two tabs").click()
    await other.get_by_role("button", name="Replace by what is shown").click()
    await expect(other.get_by_text("two tabs is now what is shown.")).to_be_visible()
    await other.close()

    # The menu of this tab is still open, and shows the view as it was.
    await page.get_by_role("button", name="Change two tabs").click()
    await page.get_by_label("Name", exact=True).fill("one tab")
    await page.get_by_role("button", name="Rename or share").click()
    await expect(page.get_by_text("This view was changed meanwhile")).to_be_visible()
    link = views.get_by_role("link", name="two tabs")
    await expect(link).to_have_attribute("href", re.compile("begins=OTHER"))
    # Seen now, and then changed all the same.
    await page.get_by_role("button", name="Replace by what is shown").click()
    await expect(link).to_have_attribute("href", re.compile("begins=SAVED"))
    await _delete(page, "two tabs")


async def test_a_view_of_alarms_leads_to_the_inbox_from_every_list(park: Park, anna: Tab) -> None:
    await known(park, METER)
    page = anna.page
    await anna.open("/alarms?severity=CRITICAL&area=Nord&mine=yes")
    await _menu(page)
    await page.get_by_label("Save the filter as").fill("mine and critical")
    await page.get_by_role("button", name="Save view").click()
    await expect(page.get_by_text("Saved as mine and critical.")).to_be_visible()
    link = page.get_by_role("link", name="mine and critical")
    await expect(link).to_have_attribute("aria-current", "true")

    await anna.open("/devices?begins=SAVED")
    views = await _menu(page)
    line = views.get_by_role("listitem").filter(has_text="mine and critical")
    await expect(line).to_contain_text("alarms")
    # What this list shows is no alarms: there is nothing to replace it by.
    await page.get_by_role("button", name="Change mine and critical").click()
    await expect(page.get_by_role("button", name="Rename or share")).to_be_visible()
    await expect(page.get_by_role("button", name="Replace by what is shown")).to_have_count(0)
    await link.click()
    chips = page.get_by_role("list", name="Conditions of the list")
    for text in ("Severity: Critical", "Area: Nord", "assigned to me"):
        await expect(chips.get_by_role("button", name=text)).to_be_visible()
    await _menu(page)
    await _delete(page, "mine and critical")
    await expect(link).to_have_count(0)


async def test_a_shared_view_is_seen_by_others_who_cannot_change_it(
    park: Park, anna: Tab, chromium: Browser, keycloak: Keycloak
) -> None:
    await known(park, METER)
    await anna.open("/devices?begins=SAVED")
    await _menu(anna.page)
    await _save(anna.page, "ours", shared=True)
    await expect(anna.page.get_by_text("Saved as ours.")).to_be_visible()
    await _save(anna.page, "mine alone")
    await expect(anna.page.get_by_text("Saved as mine alone.")).to_be_visible()
    async with open_tab(chromium, anna.home) as victor:
        await log_in(victor, keycloak, "victor", "/devices")
        views = await _menu(victor.page)
        ours = views.get_by_role("listitem").filter(has_text="ours")
        await expect(ours).to_contain_text("of anna")
        await expect(ours.get_by_role("button")).to_have_count(0)
        await expect(views.get_by_text("mine alone")).to_have_count(0)
        # A viewer keeps views of his own.
        await _save(victor.page, "victor's")
        await expect(victor.page.get_by_text("Saved as victor's.")).to_be_visible()
        await _delete(victor.page, "victor's")
        await ours.get_by_role("link").click()
        await expect(victor.page.get_by_role("row").filter(has_text=METER)).to_be_visible()
        assert victor.complaints == []
    await _delete(anna.page, "ours")
    await _delete(anna.page, "mine alone")


async def test_the_menu_of_saved_views_is_clean_for_axe_and_works_by_keys(
    park: Park, anna: Tab, pictures: Path
) -> None:
    await known(park, METER)
    page = anna.page
    for address, widths in product(
        ("/devices?begins=SAVED", "/alarms?severity=CRITICAL"), ((1440,), (390,))
    ):
        subject = address[1:].split("?")[0]
        await page.set_viewport_size({"width": widths[0], "height": HEIGHT})
        await anna.open(address)
        summary = page.locator("summary", has_text="Saved views")
        await summary.focus()
        await page.keyboard.press("Enter")
        views = page.get_by_role("list", name="Saved views")
        await expect(views).to_be_visible()
        name = f"kept by keys at {widths[0]}"
        await page.get_by_label(re.compile("^Save .*filter.* as$")).focus()
        await page.keyboard.type(name)
        await page.keyboard.press("Enter")
        await expect(views.get_by_role("link", name=name)).to_be_visible()
        await page.get_by_role("button", name=f"Change {name}").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Name", exact=True)).to_be_visible()
        await is_well_made(anna, pictures, f"saved-views-of-{subject}", widths)
        await page.keyboard.press("Escape")
        await expect(views).to_have_count(0)
        await expect(summary).to_be_focused()
        await summary.click()
        await _delete(page, name)
