"""A real browser before the page: Debian's Chromium, driven by Playwright.

Taken is the build without windows of its own, where there is one: the same engine, and what Playwright takes by
itself. The other one draws buttons of a window for each new tab, although nobody sees them: 1.4 s of processor time
a tab instead of 0.14.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from playwright.async_api import Browser, Locator, Page, Response, async_playwright, expect

from deploy.runtime.paths import installed_page_packages
from tests.neighbours.keycloak import Keycloak

Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
# Widths of each layout: no rule of the style sheets begins or ends above 72rem, so 1280 has the one of 1440.
LAYOUTS: Final = ((1440, 1280), (390,))
HEIGHT: Final = 900

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
PATIENCE_MS = 60_000
_TABS_AT_MOST: Final = 150
# No test is about time, and the machine is shared: Playwright's own five seconds are too few.
expect.set_options(timeout=PATIENCE_MS)


_PROGRAMS: Final = ("chromium-headless-shell", "chromium")


class ChromiumMissing(Exception):
    """There is no browser; `make test` installs it."""


# Only what is wrong leaves the browser: what passed is megabytes on a view with many rows.
_VIOLATIONS: Final = """axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(
    ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
))"""


@cache
def _axe() -> str:
    source = installed_page_packages() / "node_modules" / "axe-core" / "axe.min.js"
    return source.read_text(encoding="utf-8")


@dataclass(slots=True, kw_only=True)
class Tab:
    """A tab of a browser of its own; `complaints` are what the page's console and policy said."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        await self.page.goto(self.home + path)

    async def axe(self) -> list[str]:
        """Return what axe finds wrong with the view, as it is now (WCAG 2.2 A and AA, best practices)."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(_axe() + "; true")
        found: list[str] = await self.page.evaluate(_VIOLATIONS)
        return found


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise ChromiumMissing("Chromium is not installed: run `make test`, which installs it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_tab(
    browser: Browser,
    home: str,
    *,
    theme: Theme = "light",
    width: int = 1440,
    language: str = "en",
    zone: str = "UTC",
) -> AsyncIterator[Tab]:
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,
        locale=language,
        timezone_id=zone,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = await context.new_page()
        tab = Tab(page=page, home=home)
        page.on(
            "console",
            lambda said: tab.complaints.append(said.text) if _complains(said) else None,
        )
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        yield tab
    finally:
        await context.close()


# Cookies of the provider from each person's last login, by the page's address and their name.
_KNOWN: Final[dict[tuple[str, str], list[Any]]] = {}


async def log_in(tab: Tab, keycloak: Keycloak, user: str, path: str = "/") -> None:
    """Open a view as somebody who is not logged in yet; return when the view is there.

    Who logged in before in this run, and was not logged out, is known to Keycloak: it begins a session of the page
    without its form then.
    """
    context, who = tab.page.context, (tab.home, user)
    await context.add_cookies(_KNOWN.get(who, []))
    await tab.open(path)
    form = tab.page.locator("#username")
    views = tab.page.get_by_role("navigation", name="Views")
    await form.or_(views).wait_for()
    if await form.is_visible():
        await fill_in(tab.page, keycloak, user)
    await tab.page.wait_for_url(f"{tab.home}/**")
    await views.wait_for()
    cookies = await context.cookies()
    _KNOWN[who] = [one for one in cookies if one.get("name", "").startswith("KEYCLOAK_")]


async def fill_in(page: Page, keycloak: Keycloak, user: str) -> None:
    """Fill in Keycloak's form, on which the page stands or is about to."""
    await page.wait_for_url("**/realms/**")
    await page.locator("#username").fill(user)
    await page.locator("#password").fill(keycloak.password(user))
    await page.locator("#kc-login").click()


async def tab_to(page: Page, target: Locator) -> int:
    """Press Tab until `target` has the focus, as who has no mouse; return how often."""
    await expect(target).to_be_visible()
    for presses in range(1, _TABS_AT_MOST):
        await page.keyboard.press("Tab")
        if await target.evaluate("(one) => one === document.activeElement"):
            return presses
    raise AssertionError(f"{_TABS_AT_MOST} times Tab do not reach {target}")


def answers(question: str) -> Callable[[Response], bool]:
    """Return what tells the response to `question` (an operation's name) from others."""
    return lambda response: question in (response.request.post_data or "")


async def is_well_made(tab: Tab, folder: Path, name: str, widths: tuple[int, ...]) -> None:
    """Look at a view of one layout, at each width and in both themes: axe finds nothing, and nothing sticks out.

    Pictures are called `name`-width-theme. Axe looks once in each theme.
    """
    for width in widths:
        await tab.page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme in THEMES:
            await tab.page.emulate_media(color_scheme=theme)
            await picture(tab, folder, f"{name}-{width}-{theme}")
            if width == widths[0]:
                assert await tab.axe() == [], f"{name} {theme}"
        wide = await tab.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} pixels wide"


async def in_each_layout(look: Callable[[tuple[int, ...]], Coroutine[Any, Any, None]]) -> None:
    """Let `look` go through the widths of each layout, all layouts at once: each has a tab of its own."""
    async with asyncio.TaskGroup() as looking:
        for widths in LAYOUTS:
            looking.create_task(look(widths))


async def picture(tab: Tab, folder: Path, name: str) -> None:
    await tab.page.screenshot(path=folder / f"{name}.png")


def _complains(said: Any) -> bool:
    # A browser reports each answer that is no 2xx; what the page makes of it is what is tested.
    return said.type in {"error", "warning"} and "Failed to load resource" not in said.text
