"""A person's session: it is renewed unseen, it ends in the middle of work, it is ended."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.fleet import METERS, Fleet
from tests.browser.test_work import tampered
from tests.neighbours.chromium import Tab, fill_in, log_in, open_tab
from tests.neighbours.keycloak import Keycloak
from tests.system.park import Park, until

LIFE_SECONDS = 3
BFF = "bff"


@pytest.fixture
async def brief_tokens(keycloak: Keycloak) -> AsyncIterator[None]:
    """Who logs in to the page now is given access tokens that live three seconds."""
    before = await keycloak.set_token_seconds("bff", LIFE_SECONDS)
    yield
    await keycloak.set_token_seconds("bff", before)


async def over(since: float) -> None:
    """Return when each token that was given before `since` is over."""
    end = since + LIFE_SECONDS

    async def now() -> float:
        return time.monotonic()

    await until(now, lambda at: at > end)


async def click_and_come_back(tab: Tab, keycloak: Keycloak) -> Locator:
    """Acknowledge in the open dialog, log in again as the page asks; return the page's request."""
    await tab.page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    again = tab.page.get_by_role("dialog", name="Your session has ended")
    await expect(again).to_be_visible()
    await tab.page.unroute_all()
    async with tab.page.expect_popup() as opened:
        await again.get_by_role("button", name="Log in again").click()
    await fill_in(await opened.value, keycloak, "anna")
    return again


async def back_without_a_form(page: Page) -> None:
    """Log in again as the page asks; Keycloak still knows who it is, and asks nothing."""
    again = page.get_by_role("dialog", name="Your session has ended")
    await expect(again).to_be_visible()
    async with page.expect_popup():
        await again.get_by_role("button", name="Log in again").click()
    await expect(again).to_have_count(0)


async def only_the_click(route: Route) -> None:
    """Let nothing through that the page asks by itself: it would find out first, and nothing could be clicked."""
    asked = json.loads(route.request.post_data or "{}")
    if asked.get("operationName") == "AcknowledgeAlarm":
        await route.continue_()
    else:
        await route.abort()


async def asked_to_acknowledge(tab: Tab, meter: str) -> Locator:
    """Open the dialog that acknowledges the alarm of `meter`; return the alarm."""
    await tab.open("/alarms?severity=CRITICAL")
    alarm = tab.page.get_by_role("listitem").filter(has_text=meter)
    await alarm.get_by_role("button", name="Acknowledge").click()
    return alarm


async def test_the_bff_is_started_again_in_the_middle_of_work_and_nothing_is_lost_or_done_twice(
    park: Park, anna: Tab, fleet: Fleet
) -> None:
    page, stack = anna.page, park.stack
    tag = f"through-two-restarts-{secrets.token_hex(4)}"
    await anna.open(fleet.address)
    await expect(page.get_by_role("status").filter(has_text=f"{METERS:,} devices")).to_be_visible()
    await page.get_by_role("checkbox", name="Choose the rows in sight").check()
    bar = page.get_by_role("region", name="Chosen devices")
    await bar.get_by_role("button", name=f"Choose all {METERS:,} that fit").click()
    await bar.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog", name="Tag")
    await dialog.get_by_label("Add these tags").fill(tag)
    await expect(dialog).to_contain_text(f"Tag {METERS:,} devices with {tag}")

    await asyncio.to_thread(stack.wait_for_another_pid, BFF, stack.kill(BFF))
    # Who does not click is told, too.
    await back_without_a_form(page)

    await dialog.get_by_role("button", name="Tag", exact=True).dblclick()
    await expect(dialog).to_contain_text("the job goes on by itself")
    await asyncio.to_thread(stack.wait_for_another_pid, BFF, stack.kill(BFF))
    await back_without_a_form(page)
    await expect(dialog).to_contain_text(f"· Done: {METERS:,}")
    await dialog.get_by_role("button", name="Close").click()
    await expect(bar).to_contain_text(f"{METERS:,} chosen")
    await anna.open("/jobs")
    await expect(page.get_by_role("listitem").filter(has_text=tag)).to_have_count(1)


@pytest.mark.usefixtures("brief_tokens")
async def test_a_token_that_expires_in_the_middle_of_work_is_renewed_unseen(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await tampered(park, "SESSION-2")
    async with open_tab(chromium, park.stack.description["bff"]["url"]) as tab:
        await log_in(tab, keycloak, "anna")
        alarm = await asked_to_acknowledge(tab, "SESSION-2")
        for _ in range(3):
            await over(time.monotonic())
            await tab.page.get_by_role("dialog").get_by_label("Comment").fill("seen")
        await tab.page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
        await expect(alarm).to_contain_text("Acknowledged")
        await expect(tab.page.get_by_role("dialog")).to_have_count(0)
        assert tab.complaints == []


@pytest.mark.usefixtures("brief_tokens")
async def test_a_session_that_the_provider_ended_loses_no_click(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await tampered(park, "SESSION-3")
    async with open_tab(chromium, park.stack.description["bff"]["url"]) as tab:
        await log_in(tab, keycloak, "anna")
        alarm = await asked_to_acknowledge(tab, "SESSION-3")
        await tab.page.route("**/page/graphql", only_the_click)
        await keycloak.end_sessions("anna")
        await over(time.monotonic())
        again = await click_and_come_back(tab, keycloak)
        await expect(again).to_have_count(0)
        await expect(alarm).to_contain_text("Acknowledged")
        await alarm.get_by_role("button", name="History and more").click()
        deeds = alarm.locator(".history li").filter(has_text="by anna")
        await expect(deeds).to_have_count(1)


async def test_logging_out_leads_to_the_login_and_back_shows_nothing(anna: Tab) -> None:
    await anna.page.locator("summary", has_text="anna").click()
    await anna.page.get_by_role("button", name="Log out").click()
    await anna.page.wait_for_url("**/realms/**")
    await anna.open("/devices")
    await anna.page.wait_for_url("**/realms/**")
