"""The file of devices: whole, each of them once; and cut, which is said to the person."""

import asyncio
import csv

from playwright.async_api import Download, expect

from tests.browser.fleet import METERS, Fleet
from tests.browser.test_many import REGISTER
from tests.neighbours.chromium import Tab, fill_in
from tests.neighbours.keycloak import Keycloak
from tests.system.park import Park, until


async def lines_of(download: Download) -> list[list[str]]:
    """Return the file as a spreadsheet reads it."""
    text = (await download.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(text.splitlines()))


async def test_an_export_that_the_register_cuts_says_so_and_the_next_one_has_each_device_once(
    park: Park, anna: Tab, fleet: Fleet
) -> None:
    page = anna.page
    await anna.open(fleet.address)
    await expect(page.get_by_role("status").filter(has_text=f"{METERS:,} devices")).to_be_visible()
    await asyncio.to_thread(park.stack.stop_process, REGISTER)
    await page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export devices as CSV")
    await expect(dialog.get_by_label(f"All {METERS:,} that fit the filter")).to_be_checked()
    await dialog.get_by_role("button", name="Export").click()
    await expect(dialog).to_contain_text("The file was cut and is of no use.")
    await asyncio.to_thread(park.stack.start_process, REGISTER)
    # Its sidecar finds out a moment after it is there.
    await until(lambda: park.device(f"north/{fleet.serials[0]}"), bool)
    await dialog.get_by_role("button", name="Try again").click()
    async with page.expect_download() as coming:
        await dialog.get_by_role("button", name="Export").dblclick()
    await expect(dialog).to_contain_text(f"{METERS:,} of {METERS:,} devices")
    await expect(dialog).to_contain_text("The file is whole.")
    head, *devices, last = await lines_of(await coming.value)
    assert head[:2] == ["device_id", "serial_number"]
    assert [each[1] for each in devices] == list(fleet.serials)
    assert last[0] == f"# whole: {METERS} devices"


async def test_a_log_out_in_another_tab_cuts_the_export_and_the_login_that_follows_says_so(
    park: Park, anna: Tab, fleet: Fleet, keycloak: Keycloak
) -> None:
    page = anna.page
    await anna.open(fleet.address)
    await expect(page.get_by_role("status").filter(has_text=f"{METERS:,} devices")).to_be_visible()
    await page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export devices as CSV")
    with park.stack.frozen(REGISTER):
        await dialog.get_by_role("button", name="Export").click()
        await expect(dialog).to_contain_text("The file is being begun")
        other = await page.context.new_page()
        await other.goto(anna.home + "/no/such/view")
        await other.locator("summary", has_text="anna").click()
        await other.get_by_role("button", name="Log out").click()
        await other.wait_for_url("**/realms/**")
        again = page.get_by_role("dialog", name="Your session has ended")
        await expect(again).to_be_visible()
    async with page.expect_popup() as opened:
        await again.get_by_role("button", name="Log in again").click()
    await fill_in(await opened.value, keycloak, "anna")
    await expect(again).to_have_count(0)
    await expect(dialog).to_contain_text("The file was cut and is of no use.")
    await expect(dialog).to_contain_text("The server does not know this export any more.")
