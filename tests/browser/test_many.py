"""Work on many devices: a choice that stays, a job that a crash does not double, two beside each other."""

import asyncio
import re
from typing import Any, Final

from playwright.async_api import Route, expect
from pymongo import AsyncMongoClient

from smoc_service.jobs.documents import JOBS
from tests.browser.fleet import METERS, Fleet
from tests.browser.test_work import known
from tests.neighbours.chromium import Tab
from tests.neighbours.stack import RunningStack
from tests.system.park import Park

TAG = "killed-in-the-middle"
REGISTER = "smoc-service"


async def killed_in_the_middle(stack: RunningStack) -> dict[str, int]:
    """Kill the register once it has worked on a part of its job; return what it had counted, and the pid that died."""
    async with (
        AsyncMongoClient[dict[str, Any]](stack.mongodb_url) as client,
        asyncio.timeout(60),
    ):
        jobs = client["smoc"][JOBS]
        # In a row: it is a matter of half a second.
        while await jobs.find_one({"unfinished": True, "counts.done": {"$gt": 0}}) is None:
            pass
        pid = stack.kill(REGISTER)
        [job] = await jobs.find({"unfinished": True}).to_list()
        return {**job["counts"], "pid": pid}


async def test_a_job_over_all_pages_does_each_device_once_though_the_register_is_killed_in_it(
    park: Park, anna: Tab, fleet: Fleet
) -> None:
    page = anna.page
    await anna.open(fleet.address)
    await expect(page.get_by_role("status").filter(has_text=f"{METERS:,} devices")).to_be_visible()
    await page.get_by_role("checkbox", name="Choose the rows in sight").check()
    bar = page.get_by_role("region", name="Chosen devices")
    await bar.get_by_role("button", name=f"Choose all {METERS:,} that fit").click()
    await page.get_by_role("checkbox", name=f"Choose {fleet.serials[1]}").click()
    await expect(bar).to_contain_text(f"{METERS - 1:,} chosen")
    await bar.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Add these tags").fill(TAG)
    await expect(dialog).to_contain_text(f"Tag {METERS - 1:,} devices with {TAG}")
    killing = asyncio.create_task(killed_in_the_middle(park.stack))
    # Twice, as people click: it is one job.
    await dialog.get_by_role("button", name="Tag", exact=True).dblclick()
    left = await killing
    assert 0 < left["done"] < METERS - 1, "it was not killed in the middle"
    await asyncio.to_thread(park.stack.wait_for_another_pid, REGISTER, left["pid"])
    await expect(dialog).to_contain_text(f"· Done: {METERS - 1:,}")

    await dialog.get_by_role("link", name="Results per device").click()
    results = page.get_by_role("group", name="What became of them")
    await expect(results.get_by_role("button")).to_have_text(["All", f"Done {METERS - 1:,}"])
    await anna.open("/jobs")
    await expect(page.get_by_role("listitem").filter(has_text=TAG)).to_have_count(1)
    devices = await park.all_devices("FLEET-")
    tagged = {each.serial_number for each in devices.values() if TAG in each.tags}
    assert tagged == set(fleet.serials) - {fleet.serials[1]}


async def test_a_choice_stays_over_pages_back_and_reload_and_two_of_it_are_compared(
    anna: Tab, fleet: Fleet
) -> None:
    page = anna.page
    bar = page.get_by_role("region", name="Chosen devices")
    first, last = fleet.serials[0], fleet.serials[-1]
    await anna.open(f"{fleet.address}&sort=-serial_number")
    # It says where one is, and what can be done with many only while some are chosen.
    await expect(page.locator("mp-device-table")).to_contain_text(
        re.compile(rf"1 to \d+ of {METERS:,}")
    )
    await expect(bar).to_have_count(0)
    await page.get_by_role("checkbox", name=f"Choose {last}").check()
    # The other end is thirty pages away.
    await page.get_by_role("columnheader").get_by_role("button", name="Device").click()
    await page.get_by_role("checkbox", name=f"Choose {first}").check()
    await expect(bar).to_contain_text("2 chosen")
    await page.get_by_role("link", name=first).click()
    await expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    await page.go_back()
    await expect(bar).to_contain_text("2 chosen")
    await page.reload()
    await expect(bar).to_contain_text("2 chosen")
    await expect(page.get_by_role("checkbox", name=f"Choose {first}")).to_be_checked()
    await bar.get_by_role("link", name="Compare the two").click()
    await expect(page.get_by_role("heading", name="Two devices side by side")).to_be_visible()
    for serial in (first, last):
        await expect(page.get_by_role("columnheader", name=serial)).to_be_visible()
    await page.go_back()

    # More than an address holds: kept in the tab.
    row = page.locator("[role=row]").filter(has_text=first)
    await row.focus()
    # Faster than an address changes: the second key takes back what the first one did.
    await row.evaluate(_PRESS, [" ", " "])
    await expect(bar).to_contain_text("2 chosen")
    # Faster than rows are drawn: no key is lost, though the row that has the focus leaves the page.
    for _ in range(9):
        await page.keyboard.press("PageDown")
    for _ in range(6):
        await page.keyboard.press("PageUp")
    await page.keyboard.press("Shift+Space")
    await expect(bar).not_to_contain_text("2 chosen")
    chosen = await bar.get_by_role("status").inner_text()
    assert int(chosen.split()[0]) > 40
    await expect(page).to_have_url(re.compile("chosen=kept"))
    await page.reload()
    await expect(bar.get_by_role("status")).to_have_text(chosen)
    await page.get_by_role("navigation", name="Views").get_by_role("link", name="Alarms").click()
    await expect(page.get_by_role("heading", name="Alarms")).to_be_visible()
    await page.go_back()
    await expect(bar.get_by_role("status")).to_have_text(chosen)
    await bar.get_by_role("button", name="Choose none").click()
    await expect(bar).to_have_count(0)


# All within one task: nothing is drawn, and no address changes, from one key to the next.
_PRESS: Final = """(row, keys) => { for (const key of keys) {
  row.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
} }"""


async def test_many_keys_at_once_go_as_far_as_one_after_the_other(anna: Tab, fleet: Fleet) -> None:
    page = anna.page
    await anna.open(f"{fleet.address}&sort=serial_number")
    row = page.locator("[role=row]").filter(has_text=fleet.serials[0])
    await row.evaluate(_PRESS, ["PageDown"] * 6 + ["PageUp"] * 3)
    focused = page.locator("[role=row].focused")
    await expect(focused).to_be_visible()
    three_pages = int(await focused.get_attribute("data-index") or "")
    await page.reload()
    await row.focus()
    for _ in range(3):
        await page.keyboard.press("PageDown")
    await expect(focused).to_have_attribute("data-index", str(three_pages))
    assert three_pages > 40


# As if other tabs held all places for streams: the list reads again every ten seconds then.
_NO_PLACES: Final = """() => { for (let place = 0; place < 4; place++) {
  void navigator.locks.request(`meterpark-stream-${place}`, () => new Promise(() => {}));
} }"""


async def test_what_a_job_did_stays_to_be_read_when_it_has_emptied_the_list_of_devices(
    park: Park, anna: Tab
) -> None:
    await known(park, "STAYS-1")
    await known(park, "STAYS-2")
    page = anna.page
    other = await page.context.new_page()
    await other.goto(anna.home + "/no/such/view")
    await other.evaluate(_NO_PLACES)
    await anna.open("/devices?begins=STAYS-&marked=no")
    await page.get_by_role("checkbox", name="Choose STAYS-1").check()
    bar = page.get_by_role("region", name="Chosen devices")
    await bar.get_by_role("button", name="Choose all 2 that fit").click()
    await bar.get_by_role("button", name="Mark for exchange", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill("seal broken")
    await dialog.get_by_role("button", name="Mark for exchange").click()
    await expect(page.get_by_text("No device fits this filter")).to_be_visible()
    await expect(dialog).to_contain_text("Done: 2")
    await dialog.get_by_role("button", name="Close").click()
    await expect(bar).to_have_count(0)


async def test_rows_are_chosen_by_the_head_of_the_list_only_once_they_are_there(
    park: Park, anna: Tab
) -> None:
    await known(park, "HEAD-1")
    page, answered = anna.page, asyncio.Event()

    async def late(route: Route) -> None:
        if "DevicesPage" in (route.request.post_data or ""):
            await answered.wait()
        await route.continue_()

    await page.route("**/page/graphql", late)
    await anna.open("/devices?begins=HEAD-1")
    head = page.get_by_role("checkbox", name="Choose the rows in sight")
    await expect(head).to_be_disabled()
    answered.set()
    await head.check()
    bar = page.get_by_role("region", name="Chosen devices")
    await expect(bar).to_contain_text("1 chosen")
