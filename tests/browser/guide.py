"""`make guide`: the pictures of docs/guide.md, taken of the running stack as a person sees it, and made small.

What people do on the way to a picture are deeds, and stay in the stack: an alarm is acknowledged, devices get a tag, a
shipment is checked, a message that cannot be read comes in and is read again.
"""

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
from playwright.async_api import FilePayload, Page, expect

from deploy.local.facts.settings import StackSettings
from deploy.local.stack.stack import Stack
from jms_transport import Destination, OutgoingMessage
from tests.neighbours.chromium import PATIENCE_MS, Tab, log_in, open_chromium, open_tab
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.stack import RunningStack
from tests.system.messages import NOON, events, meter_config
from tests.system.park import DESTINATION, connect_as_hes

PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
MOST_BYTES: Final = 120 * 1024
_WIDTH: Final = 1280
_HEIGHT: Final = 800
# As many as a palette holds; text stays as sharp as it was.
_COLOURS: Final = 256


async def _rows(page: Page) -> None:
    """Somebody waits until there are devices in the list."""
    await expect(page.locator("[role=row] [role=gridcell] a").first).to_be_visible()


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


async def _one_alarm(page: Page) -> None:
    """Somebody opens the newest alarm, and then its address, to send it to a colleague."""
    await page.get_by_role("button", name="History and more").first.click()
    await page.get_by_role("link", name="The address of this alarm").click()
    await expect(page.get_by_role("heading", name="Alarm", exact=True)).to_be_attached()
    await expect(page.get_by_role("listitem").first).to_be_visible()


async def _tag(page: Page) -> None:
    """Somebody tags all meters without power, and looks at what became of each."""
    await _rows(page)
    await page.get_by_role("checkbox", name="Choose the rows in sight").check()
    bar = page.get_by_role("region", name="Chosen devices")
    await bar.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Add these tags").fill("check-supply")
    await dialog.get_by_role("button", name="Tag", exact=True).click()
    await dialog.get_by_role("link", name="Results per device").click()
    await expect(page.get_by_role("group", name="What became of them")).to_contain_text("Done")


async def _broken_message(page: Page) -> None:
    """Somebody opens a message that is no XML."""
    await page.locator("mp-message-list a").first.click()
    await expect(page.get_by_label("Text of the message")).to_be_visible()


async def _read_again(page: Page) -> None:
    """Somebody has the newest message that is no XML read again: what the audit shows of it is a deed of the hub."""
    await _broken_message(page)
    await page.get_by_role("button", name="Read again").click()
    await expect(page.get_by_text("Asked for by")).to_be_visible()


async def _reading(page: Page) -> None:
    """Somebody pastes a message to see what would be understood of it."""
    await page.get_by_label("A message, pasted here or dropped as a file").fill(
        events(("E450-4711", "3.26.0.85", NOON))
    )
    await page.get_by_role("button", name="What is understood?").click()
    await expect(page.get_by_role("heading", name="one report")).to_be_visible()


async def _shipment(page: Page) -> None:
    """Somebody brings a file of a shipment and looks at what would become of each row."""
    rows = [f"E450-{number};E450;north;L-7" for number in range(9000, 9040)]
    content = "\r\n".join(["serial;model;network;lot", *rows, "E450-9040;E450;;L-7", ""])
    await page.get_by_label("Bring a shipment file").set_input_files(
        FilePayload(name="delivery.csv", mimeType="text/csv", buffer=content.encode())
    )
    await expect(page.get_by_text("Checked, nothing imported yet")).to_be_visible()
    await expect(page.get_by_role("button", name="Import 40 rows")).to_be_visible()


def _sees(text: str) -> Callable[[Page], Awaitable[None]]:
    """Return the deed of somebody who waits until `text` is there."""

    async def waits(page: Page) -> None:
        await expect(page.locator("main").get_by_text(text).first).to_be_visible()

    return waits


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """Where a person goes, what they do there, and whose rights it needs."""

    path: str
    does: Callable[[Page], Awaitable[None]]
    user: str = "anna"


# By the section of the guide; behind a colon, which part of it.
VIEWS: Final[Mapping[str, GuideView]] = {
    "Today": GuideView(path="/", does=_sees("Slowest feed")),
    "Devices": GuideView(path="/devices?sort=-power,area", does=_rows),
    "Device": GuideView(path="/devices?tamper=DETECTED", does=_first_device),
    "Two devices side by side": GuideView(path="/devices?sort=-power", does=_compare),
    "Alarms": GuideView(path="/alarms", does=_acknowledge),
    "Alarm": GuideView(path="/alarms", does=_one_alarm),
    "Alarm load": GuideView(path="/alarms/load?days=7", does=_sees("day by day")),
    "Job": GuideView(path="/devices?power=OFF", does=_tag),
    "Jobs": GuideView(path="/jobs", does=_sees("check-supply")),
    "Intake": GuideView(path="/intake/feeds", does=_sees("Connected"), user="ingrid"),
    "Intake: quarantine": GuideView(
        path="/intake/quarantine?reason=XML_MALFORMED", does=_broken_message, user="ingrid"
    ),
    "Intake: read": GuideView(path="/intake/read", does=_reading, user="ingrid"),
    "Intake: shipment": GuideView(path="/intake/imports", does=_shipment),
    "Map": GuideView(path="/map", does=_sees("In view")),
    "Audit": GuideView(path="/audit", does=_sees("had messages read again"), user="audrey"),
}
# What somebody else does before anybody looks.
BEFORE: Final[Mapping[str, GuideView]] = {
    "Audit": GuideView(
        path="/intake/quarantine?reason=XML_MALFORMED", does=_read_again, user="ingrid"
    ),
}


def picture_of(name: str) -> Path:
    return PICTURES / f"guide-{name.lower().replace(':', '').replace(' ', '-')}.png"


def section_of(name: str) -> str:
    return name.partition(":")[0]


async def _come_in_broken(stack: Stack) -> None:
    """Publish a message that is no XML any more, as a head-end system with a fault does."""
    hes = await connect_as_hes(RunningStack(stack=stack))
    try:
        body = meter_config("E450-4712", "IN_OPERATION").replace("</Meter>", "</Metre>")
        await hes.send(Destination.parse(DESTINATION), OutgoingMessage(body=body))
    finally:
        await hes.close()


def small(png: bytes) -> bytes:
    """Return the picture with a palette of its own: a third of the size, and nobody sees it.

    Colours are chosen by how far they lie apart: chosen by how often they are seen, the few letters of a state that
    warns would take the red of what is bad.
    """
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(
            _COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    made = io.BytesIO()
    few.save(made, "PNG", optimize=True)
    return made.getvalue()


async def take_pictures(stack: Stack, names: list[str]) -> None:
    """Take those of the sections named, or all."""
    home = stack.description()["bff"]["url"]
    wanted = {
        name: view
        for name, view in VIEWS.items()
        if not names or {name, section_of(name)} & {*names}
    }
    before = [BEFORE[name] for name in wanted if name in BEFORE]
    if before or "Intake: quarantine" in wanted:
        await _come_in_broken(stack)
    async with (
        Keycloak.of_stack(stack.description()["keycloak"]) as keycloak,
        open_chromium() as chromium,
    ):
        for view in before:
            async with open_tab(chromium, home) as tab:
                await log_in(tab, keycloak, view.user, view.path)
                await view.does(tab.page)
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
