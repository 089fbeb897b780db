"""Every view in both themes and at two widths: axe finds nothing, nothing sticks out, a picture of each is kept."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.neighbours.chromium import Theme, log_in, open_tab, picture
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import events, meter_config
from tests.system.park import Park, until

METER = "VIEWS-1"
TAMPERED = "3.12.43.257"
# Each view, and a heading or text by which it is there.
VIEWS = {
    "today": ("/", "Needs attention"),
    "devices": ("/devices?begins=VIEWS", "1 devices"),
    "device": (f"/devices/north/{METER}", "Timeline"),
    "compare": (f"/compare?a=north/{METER}&b=north/{METER}", "Both are the same device"),
    "compare-with": (f"/compare?a=north/{METER}", "Second device"),
    "no-right": ("/audit", "needs the role auditor"),
    "alarms": ("/alarms", "Choose all shown"),
    "map": ("/map?begins=VIEWS", "Only what is in view"),
    "map-of-nothing": ("/map?begins=NO-SUCH-METER", "No device fits this filter"),
    "nothing-found": ("/devices?begins=NO-SUCH-METER", "No device fits this filter"),
    "unknown-device": ("/devices/north/NO-SUCH-METER", "does not hold this device"),
    "no-view": ("/no/such/view", "There is no such view"),
}


async def _meter(park: Park) -> None:
    await park.publish(
        meter_config(METER, "IN_OPERATION", place=(46.948, 7.4474)),
        events((METER, TAMPERED, datetime.now(UTC))),
    )
    await until(lambda: park.device(f"north/{METER}"), lambda seen: seen.tamper.value == "DETECTED")


async def _still(page: Page) -> None:
    """Wait until no question of the view is under way any more, streams apart."""
    await expect(page.locator(".waiting, .skeleton, .chart-waiting")).to_have_count(0)


@pytest.mark.parametrize("look", list(product(("light", "dark"), (1440, 390))))
async def test_every_view_is_clean_for_axe_and_fits_its_width(
    park: Park, chromium: Browser, keycloak: Keycloak, pictures: Path, look: tuple[Theme, int]
) -> None:
    theme, width = look
    await _meter(park)
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home, theme=theme, width=width) as tab:
        await log_in(tab, keycloak, "anna")
        for name, (path, text) in VIEWS.items():
            await tab.open(path)
            await expect(tab.page.get_by_text(text).first).to_be_visible()
            await _still(tab.page)
            await picture(tab, pictures, f"{name}-{width}-{theme}")
            assert await tab.axe() == [], name
            wide = await tab.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} pixels wide"
        assert tab.complaints == []


async def test_the_page_speaks_german_to_who_reads_german(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home, language="de-CH") as tab:
        await tab.open("/devices")
        await tab.page.wait_for_url("**/realms/**")
        await tab.page.locator("#username").fill("anna")
        await tab.page.locator("#password").fill(keycloak.password("anna"))
        await tab.page.locator("#kc-login").click()
        await expect(tab.page.get_by_role("heading", name="Geräte")).to_be_visible()
        assert await tab.page.evaluate("document.documentElement.lang") == "de"
