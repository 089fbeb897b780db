"""Many tabs of one browser at once: it allows six connections to the page's server over HTTP/1.1, all tabs together."""

from typing import Final

from playwright.async_api import Page, expect

from tests.browser.test_work import known, tampered
from tests.neighbours.chromium import Tab
from tests.system.park import Park

TODAY, ALARMS = "/", "/alarms?severity=CRITICAL"
# Each watches; two of Today alone would hold more streams than a browser has connections left.
TABS: Final = (
    *(TODAY, ALARMS, "/devices?begins=MANY-1", "/devices/north/MANY-1"),
    *(TODAY, ALARMS, "/map?begins=MANY-1", TODAY),
)


async def test_eight_tabs_each_show_their_view_are_answered_and_hear_of_a_new_alarm(
    park: Park, anna: Tab
) -> None:
    await known(park, "MANY-1")
    tabs: list[tuple[str, Page]] = []
    for path in TABS:
        page = await anna.page.context.new_page()
        await page.goto(anna.home + path)
        tabs.append((path, page))
    signs = {
        TODAY: "as of",
        ALARMS: "Critical",
        "/devices?begins=MANY-1": "MANY-1",
        "/devices/north/MANY-1": "First heard of",
        "/map?begins=MANY-1": "No device that fits has coordinates.",
    }
    for path, page in tabs:
        await expect(page.get_by_role("main").get_by_text(signs[path]).first, path).to_be_visible()
        await expect(page.get_by_role("main").locator(".waiting"), path).to_have_count(0)
        await page.evaluate("window.stillTheSame = true")

    for path, page in tabs:
        answered = await page.evaluate("fetch('/page/session').then(({ status }) => status)")
        assert answered == 200, path

    await tampered(park, "MANY-1")
    for path, page in tabs:
        if path == TODAY:
            region = page.get_by_role("region", name="Needs attention")
            await expect(region.get_by_role("link", name="MANY-1").first, path).to_be_visible()
        elif path == ALARMS:
            alarm = page.get_by_role("listitem").filter(has_text="MANY-1")
            await expect(alarm, path).to_be_visible()
        assert await page.evaluate("window.stillTheSame"), path
        # Changes arrive, by a stream or by a question every few seconds: no tab says otherwise.
        await expect(page.get_by_text("Changes do not arrive since"), path).to_have_count(0)
