"""Keycloak's pages as part of the product: their look, their languages, and what they say when something is wrong."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.neighbours.chromium import fill_in, is_well_made, open_tab
from tests.neighbours.keycloak import Keycloak
from tests.system.park import Park


@pytest.mark.parametrize("width", [1440, 390])
async def test_the_pages_of_the_login_are_clean_for_axe_and_of_one_look_with_the_page(
    park: Park, chromium: Browser, keycloak: Keycloak, pictures: Path, width: int
) -> None:
    foreign: list[str] = []
    async with open_tab(chromium, park.stack.description["bff"]["url"], width=width) as tab:
        page = tab.page
        page.on(
            "request", lambda one: foreign.append(one.url) if "localhost" not in one.url else None
        )
        await tab.open("/devices")
        await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        await is_well_made(tab, pictures, "login", (width,))
        await page.get_by_label("Username").fill("anna")
        await page.get_by_label("Password", exact=True).fill("guessed")
        await page.get_by_role("button", name="Show password").click()
        await expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_text("Username or password is not right.")).to_be_visible()
        await is_well_made(tab, pictures, "login-wrong", (width,))
        await page.goto(f"{keycloak.issuer()}/protocol/openid-connect/logout")
        await expect(page.get_by_role("button", name="Log out")).to_be_visible()
        await is_well_made(tab, pictures, "logout", (width,))
        await page.goto(f"{keycloak.issuer()}/protocol/openid-connect/auth?client_id=nobody")
        await expect(page.get_by_role("heading", name="This did not work")).to_be_visible()
        await is_well_made(tab, pictures, "login-error", (width,))
        await tab.open("/page/callback?state=forged&code=x")
        await expect(page.get_by_role("heading", name="The login did not work")).to_be_visible()
        await is_well_made(tab, pictures, "login-failed", (width,))
        assert foreign == []
        assert tab.complaints == []


async def test_the_login_speaks_the_language_that_was_chosen_and_another_is_one_click_away(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home) as tab:
        await tab.page.context.add_cookies(
            [{"name": "meterpark-language", "value": "de", "url": home}]
        )
        await tab.open("/alarms")
        await expect(tab.page.get_by_role("heading", name="Anmelden")).to_be_visible()
        assert await tab.page.evaluate("document.documentElement.lang") == "de"
        await tab.page.get_by_role("navigation", name="Sprachen").get_by_text("English").click()
        await expect(tab.page.get_by_role("heading", name="Log in")).to_be_visible()
        await fill_in(tab.page, keycloak, "anna")
        # The page stays in the language that was chosen in it.
        await expect(tab.page.get_by_role("heading", name="Alarme", exact=True)).to_be_visible()
