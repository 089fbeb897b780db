"""What surrounds every view: the menu of the person, the time zone, long addresses, what is loaded first."""

import re
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from playwright.async_api import Browser, expect

from tests.browser.test_work import known
from tests.neighbours.chromium import Tab, answers, log_in, open_tab
from tests.neighbours.keycloak import Keycloak
from tests.system.park import Park

# What the first view may take, packed by gzip.
MOST_BYTES: Final = 250_000


async def test_an_address_shows_the_same_times_to_somebody_in_another_zone(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await known(park, "FRAME-1")
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home, zone="America/New_York") as there:
        await log_in(there, keycloak, "anna", "/devices/north/FRAME-1")
        time = there.page.locator("mp-age time").first
        await expect(time).to_be_visible()
        await there.page.wait_for_url("**?tz=America/New_York")
        told = await time.get_attribute("title")
        address = there.page.url.removeprefix(home)
    async with open_tab(chromium, home, zone="Europe/Zurich") as here:
        await log_in(here, keycloak, "anna", address)
        time = here.page.locator("mp-age time").first
        await expect(time).to_have_attribute("title", told or "")
        await here.page.locator("summary", has_text="anna").click()
        zone = here.page.get_by_label("Time zone")
        await expect(zone).to_have_value("America/New_York")
        await zone.select_option("Europe/Zurich")
        await expect(time).not_to_have_attribute("title", told or "")
        await here.page.wait_for_url("**?tz=Europe/Zurich")


async def test_the_menu_of_the_person_is_worked_with_by_keys_and_closes(anna: Tab) -> None:
    page = anna.page
    await page.locator("summary", has_text="anna").press("Enter")
    await expect(page.get_by_text("asset-manager")).to_be_visible()
    assert await anna.axe() == []
    await page.get_by_label("Colours").select_option("dark")
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("Colours")).to_have_count(0)
    await expect(page.locator("summary", has_text="anna")).to_be_focused()
    await page.locator("summary", has_text="anna").click()
    await page.get_by_label("Colours").select_option("auto")
    await page.locator("h1").click()
    await expect(page.get_by_label("Colours")).to_have_count(0)


async def test_what_a_person_chose_follows_them_to_another_browser(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await known(park, "FRAME-1")
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home) as here, open_tab(chromium, home) as there:
        await log_in(here, keycloak, "anna", "/devices")
        await here.page.locator("summary", has_text="anna").click()
        async with here.page.expect_response(answers("SetPreference")) as kept:
            await here.page.get_by_label("Density").select_option("comfortable")
        assert (await kept.value).ok
        await log_in(there, keycloak, "anna", "/devices")
        await expect(there.page.locator("html")).to_have_attribute("data-density", "comfortable")
        await there.page.locator("summary", has_text="anna").click()
        async with there.page.expect_response(answers("SetPreference")) as kept:
            await there.page.get_by_label("Density").select_option("dense")
        assert (await kept.value).ok
        await here.page.reload()
        await expect(here.page.locator("html")).to_have_attribute("data-density", "dense")


async def test_a_view_with_a_long_or_odd_address_is_there_after_the_login(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    home = park.stack.description["bff"]["url"]
    areas = [f"No such area {number} [x]|{{y}}" for number in range(40)]
    query = "&".join(f"area={area}" for area in areas)
    async with open_tab(chromium, home) as tab:
        await log_in(tab, keycloak, "anna", f"/devices?{query}")
        await expect(tab.page.get_by_text("No device fits this filter")).to_be_visible()
        await expect(tab.page.get_by_text(areas[39]).first).to_be_visible()


async def test_the_first_view_is_small_and_nothing_of_it_comes_from_elsewhere(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    home = park.stack.description["bff"]["url"]
    asked: set[str] = set()
    async with open_tab(chromium, home) as tab:
        tab.page.on("request", lambda request: asked.add(request.url))
        await log_in(tab, keycloak, "anna")
        await expect(tab.page.locator(".waiting, .chart-waiting")).to_have_count(0)
    known_hosts = {urlsplit(url).netloc for url in (home, keycloak.issuer())}
    assert {urlsplit(url).netloc for url in asked} <= known_hosts
    files = {url for url in asked if url.startswith(f"{home}/static/")}
    # Today and its charts, too.
    assert len(files) > 5
    assert [url for url in files if not re.search(r"-[\w-]{8}\.(js|css)$|/icon\.svg$", url)] == []
    packed = 0
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        for url in files:
            async with client.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
                packed += len(await answer.read())
    assert packed <= MOST_BYTES, f"{packed:,} bytes"
