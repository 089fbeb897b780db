"""`make guide`: the pictures of docs/guide.md, taken of the running stack as a person sees it, and made small."""

import asyncio
import io
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from PIL import Image
from playwright.async_api import Page, expect

from deploy.local.facts.settings import StackSettings
from deploy.local.stack.stack import Stack
from tests.neighbours.chromium import PATIENCE_MS, Tab, log_in, open_chromium, open_tab
from tests.neighbours.keycloak import Keycloak

PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
MOST_BYTES: Final = 120 * 1024
_WIDTH: Final = 1280
_HEIGHT: Final = 800
# As many as a palette holds; text stays as sharp as it was.
_COLOURS: Final = 128


async def _no_more(_: Page) -> None:
    """The view is shown as it opens."""


async def _first_device(page: Page) -> None:
    """Somebody looks for what was tampered with, and opens it."""
    await page.locator("[role=row] [role=gridcell] a").first.click()
    await expect(page.get_by_role("heading", name="Timeline")).to_be_visible()


async def _acknowledge(page: Page) -> None:
    """Somebody takes up the newest alarm and looks at its history: it is a deed, and stays in the stack."""
    alarm = page.get_by_role("listitem").filter(
        has=page.get_by_role("button", name="Acknowledge", exact=True)
    )
    shown = await alarm.first.locator("a").first.inner_text()
    await alarm.first.get_by_role("button", name="Acknowledge", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Comment").fill("somebody goes there today")
    await dialog.get_by_role("button", name="Acknowledge").click()
    await expect(dialog).to_have_count(0)
    taken = page.get_by_role("listitem").filter(has_text=shown).first
    await expect(taken).to_contain_text("Acknowledged")
    await taken.get_by_role("button", name="History and more").click()
    await expect(taken).to_contain_text("somebody goes there today")


async def _compare(page: Page) -> None:
    """Two meters that differ: the list is sorted by power, the first is without it."""
    links = page.locator("[role=row] [role=gridcell] a")
    await expect(links.first).to_be_visible()
    found = [str(await links.nth(place).get_attribute("href")) for place in (0, 8)]
    a, b = (urlsplit(link).path.removeprefix("/devices/") for link in found)
    await page.goto(f"{page.url.split('/devices')[0]}/compare?a={a}&b={b}")
    await expect(page.get_by_role("heading", name="Common timeline")).to_be_visible()


def _sees(text: str) -> Callable[[Page], Awaitable[None]]:
    """Return the deed of somebody who waits until `text` is there."""

    async def waits(page: Page) -> None:
        await expect(page.locator("main").get_by_text(text).first).to_be_visible()

    return waits


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """Where a person goes, what they do there, and whose rights it needs."""

    path: str
    does: Callable[[Page], Awaitable[None]] = _no_more
    user: str = "anna"


# By the section of the guide.
VIEWS: Final[Mapping[str, GuideView]] = {
    "Today": GuideView(path="/"),
    "Devices": GuideView(path="/devices?sort=-power,area"),
    "Device": GuideView(path="/devices?tamper=DETECTED", does=_first_device),
    "Two devices side by side": GuideView(path="/devices?sort=-power", does=_compare),
    "Alarms": GuideView(path="/alarms", does=_acknowledge),
    "Audit": GuideView(path="/audit", does=_sees("anna"), user="audrey"),
}


def picture_of(section: str) -> Path:
    return PICTURES / f"guide-{section.lower().replace(' ', '-')}.png"


def small(png: bytes) -> bytes:
    """Return the picture with a palette of its own: a third of the size, and nobody sees it."""
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    made = io.BytesIO()
    few.save(made, "PNG", optimize=True)
    return made.getvalue()


async def take_pictures(stack: Stack, names: list[str]) -> None:
    """Take those of the sections named, or all."""
    home = stack.description()["bff"]["url"]
    wanted = {name: view for name, view in VIEWS.items() if not names or name in names}
    async with (
        Keycloak.of_stack(stack.description()["keycloak"]) as keycloak,
        open_chromium() as chromium,
    ):
        for user in dict.fromkeys(view.user for view in wanted.values()):
            async with open_tab(chromium, home, width=_WIDTH) as tab:
                await tab.page.set_viewport_size({"width": _WIDTH, "height": _HEIGHT})
                await log_in(tab, keycloak, user)
                for name, view in wanted.items():
                    if view.user == user:
                        print(f"{picture_of(name).name}: {await _take(tab, name, view):,} bytes")


async def _take(tab: Tab, name: str, view: GuideView) -> int:
    await tab.open(view.path)
    await view.does(tab.page)
    await expect(tab.page.locator(".waiting, .skeleton, .chart-waiting")).to_have_count(
        0, timeout=PATIENCE_MS
    )
    picture = small(await tab.page.screenshot(animations="disabled"))
    picture_of(name).write_bytes(picture)
    return len(picture)


def main() -> int:
    """Take the pictures of the running stack; words name sections."""
    stack = Stack.named(StackSettings(), os.environ)
    if not stack.is_up():
        print(f"stack {stack.settings.stack} is down: make up DEVICES=500 first", file=sys.stderr)
        return 1
    asyncio.run(take_pictures(stack, sys.argv[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
