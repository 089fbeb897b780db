"""What goes wrong: forged and aged addresses, two tabs, and a register that is away."""

import asyncio
from typing import Final

from playwright.async_api import expect

from tests.browser.test_many import REGISTER
from tests.browser.test_work import known, tampered
from tests.neighbours.chromium import Tab
from tests.system.park import Park

# Addresses that no click makes, and by what the page helps.
FORGED: Final = {
    "/devices?power=NO_SUCH_WORD": "This cannot be shown",
    "/devices?begins=%00%01": "This cannot be shown",
    f"/devices?begins={'x' * 3000}": "This cannot be shown",
    "/devices/east/BAD-1": "The register does not hold this device",
    f"/devices/north/{'x' * 300}": "The register does not hold this device",
    "/devices/north/%E0%A4%A": "There is no such view",
    "/devices/north/BAD-1?at=nonsense&what=nonsense": "First heard of",
    "/devices/north/BAD-1?at=0001-01-01T00:00:00Z": "It was not heard of before that time.",
    "/devices/north/BAD-1?at=9999-12-31T23:59:59Z": "lies ahead",
    "/compare?a=nonsense&b=../../etc": "The register does not hold nonsense.",
    "/alarms?state=GONE&severity=LOUD&area=nowhere": "No alarm fits this filter",
    "/alarms/north/forged": "There is no such alarm",
    "/alarms/load?days=x&people=-3": "Alarms per day and person",
    "/jobs/forged": "There is no such job",
    "/jobs/00000000000000000000": "There is no such job",
    "/map?begins=BAD-1&at=x,y&by=nothing&box=9": "No device that fits has coordinates.",
    "/intake/imports/forged": "There is no such import",
    "/intake/nothing": "There is no such view",
    "/?tz=No/Where": "Needs attention",
    "/logged-in": "This window can be closed.",
}
# As a version with other names would have written it; what is still known counts.
AGED: Final = (
    "/devices?begins=BAD-1&status=ONLINE&sort=-age,colour&columns=gone&older=nonsense&silent=-3"
    "&box=1,2,3&marked=perhaps&chosen=nonsense&without=x"
)

# Views that need the register, and what each shows of one tampered meter.
LOOKED_AT: Final = {
    "/": "Needs attention",
    "/devices?begins=AWAY-1": "AWAY-1",
    "/devices/north/AWAY-1": "First heard of",
    "/compare?a=north/AWAY-1": "AWAY-1",
    "/alarms?severity=CRITICAL": "AWAY-1",
    "/map?begins=AWAY-1": "No device that fits has coordinates.",
    "/jobs": "Work on many devices",
    "/intake/imports": "Bring a shipment file",
}


async def test_a_forged_address_has_an_answer_that_helps(park: Park, anna: Tab) -> None:
    await known(park, "BAD-1")
    main = anna.page.get_by_role("main")
    for path, answer in FORGED.items():
        await anna.open(path)
        await expect(main.get_by_text(answer).first, path).to_be_visible()
        await expect(main.locator(".waiting"), path).to_have_count(0)
    # A window that a person opened is theirs to close.
    anna.complaints[:] = [one for one in anna.complaints if "Scripts may close only" not in one]
    await anna.open("/devices?power=NO_SUCH_WORD&begins=BAD-1")
    await expect(main).to_contain_text("NO_SUCH_WORD")
    await main.get_by_role("button", name="Power: No such word").click()
    await expect(main.get_by_role("row").filter(has_text="BAD-1")).to_be_visible()


async def test_a_filter_of_an_older_version_shows_what_is_still_known_of_it(
    park: Park, anna: Tab
) -> None:
    await known(park, "BAD-1")
    await anna.open(AGED)
    await expect(anna.page.get_by_role("row").filter(has_text="BAD-1")).to_be_visible()
    conditions = anna.page.get_by_role("list", name="Conditions of the list")
    await expect(conditions.get_by_role("listitem")).to_contain_text(["begins with BAD-1"])
    await expect(anna.page.get_by_role("columnheader", name="Lifecycle")).to_be_visible()


async def test_what_two_tabs_change_at_once_is_done_once_and_the_second_is_told(
    park: Park, anna: Tab
) -> None:
    await tampered(park, "TABS-1")
    await anna.open("/alarms?severity=CRITICAL")
    alarm = anna.page.get_by_role("listitem").filter(has_text="TABS-1")
    await alarm.get_by_role("button", name="Acknowledge").click()
    dialog = anna.page.get_by_role("dialog")
    await dialog.get_by_label("Comment").fill("from the first tab")

    other = await anna.page.context.new_page()
    await other.goto(anna.home + "/alarms?severity=CRITICAL")
    there = other.get_by_role("listitem").filter(has_text="TABS-1")
    await there.get_by_role("button", name="Acknowledge").click()
    await other.get_by_role("dialog").get_by_label("Comment").fill("from the second tab")
    await other.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    await expect(there).to_contain_text("Acknowledged")
    # What the other tab did is seen in this one, behind its dialog.
    await expect(alarm).to_contain_text("Acknowledged")

    await dialog.get_by_role("button", name="Acknowledge").click()
    await expect(dialog).to_contain_text("is acknowledged already")
    await dialog.get_by_role("button", name="Cancel").click()
    await alarm.get_by_role("button", name="History and more").click()
    await expect(alarm).to_contain_text("from the second tab")
    await expect(alarm).not_to_contain_text("from the first tab")


async def test_views_opened_while_the_register_is_away_show_the_park_when_it_is_back(
    park: Park, anna: Tab
) -> None:
    await tampered(park, "AWAY-1")
    await anna.open("/no/such/view")
    await asyncio.to_thread(park.stack.stop_process, REGISTER)
    views = {}
    for path, sign in LOOKED_AT.items():
        page = views[path, sign] = await anna.page.context.new_page()
        await page.goto(anna.home + path)
    for (path, _), page in views.items():
        told = page.get_by_role("main").get_by_role("alert").first
        await expect(told, path).to_contain_text("It is asked again every few seconds.")
    await asyncio.to_thread(park.stack.start_process, REGISTER)
    for (path, sign), page in views.items():
        await page.bring_to_front()
        await expect(page.get_by_role("main").get_by_text(sign).first, path).to_be_visible()
        await expect(page.get_by_role("main").get_by_role("alert"), path).to_have_count(0)
