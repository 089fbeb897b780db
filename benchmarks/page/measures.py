"""What is measured of the page, each by what a person does."""

from typing import Final

from playwright.async_api import expect

from benchmarks.page.browsing import Browsing
from benchmarks.trouble import BenchFailed

_PATIENCE_MS: Final = 120_000
# Six rows a frame: as fast as a hand on a trackpad.
_WHEEL_PIXELS: Final = 200
_IDLE_TURNS: Final = 1_000
# Resolves with the milliseconds from the click on the view's link until its first row was painted.
_FIRST_ROW: Final = """
(link) => new Promise((resolve) => {
  const began = performance.now();
  const look = () => {
    if (!document.querySelector('[role=row] [role=gridcell] a')) return requestAnimationFrame(look);
    requestAnimationFrame(() => resolve(performance.now() - began));
  };
  link.click();
  look();
})
"""
# The same for the map: until the places that the register clustered are on it, and in the figures beside it.
_FIRST_PLACES: Final = """
(link) => new Promise((resolve) => {
  const began = performance.now();
  const look = () => {
    if (!document.querySelector('mp-in-view .words button')) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - began)));
  };
  link.click();
  look();
})
"""
_LAST_IN_SIGHT: Final = """
() => Math.max(0, ...[...document.querySelectorAll('[role=row] [role=gridcell] a')]
  .map((one) => Number(one.closest('[role=row]').getAttribute('aria-rowindex')) || 0))
"""
_FRAME: Final = "() => new Promise((resolve) => requestAnimationFrame(resolve))"
_TWO_FRAMES: Final = (
    "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
)


async def start_page(browsing: Browsing, throttling: int) -> tuple[float, float]:
    """Return largest contentful paint (ms) and layout shift of one load with an empty cache and a slow processor."""
    await browsing.with_an_empty_cache()
    await browsing.throttle(throttling)
    try:
        await browsing.tab.open("/")
        await expect(browsing.page.locator("h1")).not_to_have_text("", timeout=_PATIENCE_MS)
        await expect(browsing.page.locator(".waiting, .chart-waiting")).to_have_count(
            0, timeout=_PATIENCE_MS
        )
        await browsing.page.evaluate(_TWO_FRAMES)
        noted = await browsing.noted()
    finally:
        await browsing.throttle(1)
    return noted.largest_paint, noted.layout_shift


async def first_page(browsing: Browsing) -> float:
    """Return the ms from the click on "Devices" until the first row is painted."""
    await browsing.tab.open("/")
    link = browsing.page.get_by_role("navigation", name="Views").get_by_role("link", name="Devices")
    await expect(browsing.page.locator(".waiting")).to_have_count(0, timeout=_PATIENCE_MS)
    return float(await link.evaluate(_FIRST_ROW))


async def first_places(browsing: Browsing) -> float:
    """Return the ms from the click on "Map" until all devices, clustered, are painted."""
    await browsing.tab.open("/")
    link = browsing.page.get_by_role("navigation", name="Views").get_by_role("link", name="Map")
    await expect(browsing.page.locator(".waiting")).to_have_count(0, timeout=_PATIENCE_MS)
    return float(await link.evaluate(_FIRST_PLACES))


async def scroll_down(browsing: Browsing, rows: int) -> None:
    """Scroll the list by the wheel until that many rows were in sight."""
    table = browsing.page.locator("cdk-virtual-scroll-viewport")
    await table.hover()
    seen, idle = 0, 0
    while seen < rows:
        await browsing.page.mouse.wheel(0, _WHEEL_PIXELS)
        await browsing.page.evaluate(_FRAME)
        now = int(await browsing.page.evaluate(_LAST_IN_SIGHT))
        idle = 0 if now > seen else idle + 1
        seen = max(seen, now)
        if idle > _IDLE_TURNS:
            raise BenchFailed(f"the list does not go on after row {seen:,}")


async def work(browsing: Browsing, interactions: int) -> None:
    """Click and type as somebody at work: sort, choose a filter and take it away, walk through rows."""
    page = browsing.page
    heads = page.get_by_role("columnheader").get_by_role("button")
    # By its place, as the word is about to change.
    box = page.get_by_role("checkbox", name="In operation")
    done = 0
    while done < interactions:
        for step in (
            heads.nth(1).click,
            box.click,
            box.click,
            heads.nth(1).click,
            heads.nth(1).click,
        ):
            await step()
            await page.evaluate(_TWO_FRAMES)
        await page.locator("[role=row][tabindex='0']").focus()
        for key in ("ArrowDown", "ArrowDown", "PageDown", "ArrowUp", "Home"):
            await page.keyboard.press(key)
            await page.evaluate(_TWO_FRAMES)
        done += 10
    await expect(page.locator("[role=row] [role=gridcell] a").first).to_be_visible()
