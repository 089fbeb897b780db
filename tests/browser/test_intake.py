"""The intake as engineers and asset managers use it: what comes in, what could not be read, shipments, trials."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.browser.fleet import METERS, shipment
from tests.neighbours.chromium import (
    HEIGHT,
    Tab,
    answers,
    in_each_layout,
    is_well_made,
    log_in,
    open_tab,
)
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import NOON, customer_news, events, meter_config
from tests.system.park import Park, until

# Each view of an engineer, and a heading or text by which it is there.
VIEWS = {
    "feeds": ("/intake/feeds", "Messages a minute"),
    "quarantine": ("/intake/quarantine", "Choose all shown"),
    "quarantine-nothing": ("/intake/quarantine?reason=NO_SUCH_REASON", "No message fits"),
    "no-message": ("/intake/quarantine/no-such-message", "does not hold this message"),
    "read": ("/intake/read", "What is understood?"),
    "reading-forgotten": ("/intake/read?reading=no-such-reading", "This reading is forgotten"),
    "imports": ("/intake/imports", "Shipments are for asset managers and viewers"),
}
# A file as it comes with a drop.
DROPPED = """(text) => {
  const data = new DataTransfer();
  data.items.add(new File([text], 'dropped.xml', { type: 'text/xml' }));
  return data;
}"""
BROKEN = meter_config("INTAKE-BROKEN", "IN_OPERATION").replace("</Meter>", "</Metre>")


@pytest.fixture
async def ingrid(park: Park, chromium: Browser, keycloak: Keycloak) -> AsyncIterator[Tab]:
    """Integration engineer of all networks, at the feeds."""
    async with open_tab(chromium, park.stack.description["bff"]["url"]) as tab:
        await log_in(tab, keycloak, "ingrid", "/intake/feeds")
        yield tab
        assert tab.complaints == []


async def quarantined(park: Park, body: str, holds: str) -> str:
    """Publish a message that cannot be read; return its name in the quarantine."""
    await park.publish(body)
    found = await until(lambda: park.quarantined(holds.encode()), lambda one: one is not None)
    assert found is not None
    return found.quarantine_id


async def test_every_view_of_the_intake_is_clean_for_axe_and_fits_its_width(
    park: Park, chromium: Browser, keycloak: Keycloak, pictures: Path
) -> None:
    message = await quarantined(park, BROKEN, "INTAKE-BROKEN")
    views = {**VIEWS, "message": (f"/intake/quarantine/{message}", "Text of the message")}
    home = park.stack.description["bff"]["url"]

    async def look(widths: tuple[int, ...]) -> None:
        async with open_tab(chromium, home, width=widths[0]) as tab:
            await log_in(tab, keycloak, "ingrid", "/intake/feeds")
            for name, (path, text) in views.items():
                await tab.page.set_viewport_size({"width": widths[0], "height": HEIGHT})
                await tab.open(path)
                shown = tab.page.get_by_text(text).or_(tab.page.get_by_label(text))
                await expect(shown.first).to_be_attached()
                await expect(tab.page.locator(".waiting")).to_have_count(0)
                await is_well_made(tab, pictures, f"intake-{name}", widths)
            assert tab.complaints == []

    await in_each_layout(look)


async def test_a_feed_says_that_it_is_connected_and_when_the_last_message_came(
    park: Park, ingrid: Tab
) -> None:
    await park.publish(meter_config("INTAKE-FEED", "IN_OPERATION"))
    feed = ingrid.page.get_by_role("row").filter(has_text="north")
    await expect(feed).to_contain_text("Connected")
    await expect(feed).to_contain_text("ago")
    await expect(feed).not_to_contain_text("never")
    # What no connector tells of any more does not look as if it were so now.
    await asyncio.to_thread(park.stack.stop_process, "iec-connector")
    await expect(feed).to_contain_text("Unknown")
    await expect(feed).to_contain_text("last word")
    await expect(feed).to_have_class("stale")
    await asyncio.to_thread(park.stack.start_process, "iec-connector")
    await asyncio.to_thread(park.stack.wait_until_ready)
    await expect(feed).to_contain_text("Connected")
    await expect(feed).not_to_have_class("stale")


async def test_a_broken_message_is_shown_with_its_place_marked_and_without_its_secrets(
    park: Park, ingrid: Tab
) -> None:
    message = await quarantined(park, BROKEN, "INTAKE-BROKEN")
    await ingrid.open(f"/intake/quarantine/{message}")
    await expect(ingrid.page.get_by_role("heading", name="Broken XML")).to_be_visible()
    text = ingrid.page.get_by_label("Text of the message")
    await expect(text.locator("li.marked")).to_contain_text("</Metre>")
    await expect(text.locator("mark")).to_have_count(1)
    assert "secret-4711" not in await text.inner_text()


async def test_one_message_and_then_all_of_a_reason_are_read_again_with_progress(
    park: Park, ingrid: Tab
) -> None:
    message = await quarantined(park, customer_news("intake one"), "intake one")
    await quarantined(park, customer_news("intake two"), "intake two")
    await ingrid.open(f"/intake/quarantine/{message}")
    await ingrid.page.get_by_role("button", name="Read again").click()
    await expect(ingrid.page.get_by_text("Asked for by")).to_be_visible()
    await expect(ingrid.page.get_by_text(re.compile("Read again once"))).to_be_visible()

    await ingrid.open("/intake/quarantine")
    await ingrid.page.get_by_role("button", name="Noun not known").click()
    await ingrid.page.get_by_role("button", name="of this reason again").click()
    progress = ingrid.page.get_by_role("status").filter(has_text="still not readable")
    await expect(progress).to_contain_text(re.compile(r"0 resolved, ([2-9]|\d\d+) still not"))
    # The address has the request, so another visit shows the same.
    before = await progress.inner_text()
    await ingrid.page.reload()
    await expect(progress).to_have_text(before, use_inner_text=True)
    assert "reason=NOUN_UNKNOWN" in ingrid.page.url

    # Those that are chosen, and all that are open: each is a request of its own.
    page, asked = ingrid.page, ingrid.page.url
    for choose, name in ((True, r"Read \d+ chosen again"), (False, r"Read all \d+ again")):
        if choose:
            await page.get_by_label("Choose all shown").check()
        else:
            await page.get_by_role("button", name="Noun not known").click()
        await page.get_by_role("button", name=re.compile(name)).click()
        await expect(page).not_to_have_url(asked)
        await expect(progress).to_contain_text(re.compile(r"^(\d+) of \1:"))
        asked = page.url


async def test_a_message_is_tried_before_it_comes_and_nothing_of_it_is_recorded(
    park: Park, ingrid: Tab
) -> None:
    await ingrid.open("/intake/read")
    box = ingrid.page.get_by_label("A message, pasted here or dropped as a file")
    await box.fill(events(("INTAKE-TRIAL", "3.26.0.85", NOON)))
    await ingrid.page.get_by_role("button", name="What is understood?").click()
    await expect(ingrid.page.get_by_role("heading", name="one report")).to_be_visible()
    await expect(ingrid.page.get_by_text("north/INTAKE-TRIAL")).to_be_visible()
    await expect(ingrid.page.get_by_text("POWER_LOST")).to_be_visible()
    await ingrid.page.reload()
    await expect(ingrid.page.get_by_role("heading", name="one report")).to_be_visible()

    # Another one is dropped as a file.
    dropped = await ingrid.page.evaluate_handle(
        DROPPED, '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;&a;</x>'
    )
    await ingrid.page.locator("mp-read section.form").dispatch_event(
        "drop", {"dataTransfer": dropped}
    )
    await expect(ingrid.page.get_by_text("dropped.xml")).to_be_visible()
    await ingrid.page.get_by_role("button", name="What is understood?").click()
    await expect(
        ingrid.page.get_by_role("heading", name="Nothing of this message can be read")
    ).to_be_visible()
    await expect(ingrid.page.get_by_text("Document type not allowed")).to_be_visible()
    # What comes later is in the register: the trial would be there by now.
    await park.publish(events(("INTAKE-LATER", "3.26.0.85", NOON)))
    await until(lambda: park.device("north/INTAKE-LATER"), lambda seen: seen.power.value == "OFF")
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await park.device("north/INTAKE-TRIAL")
    assert unknown.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_shipment_is_checked_row_by_row_and_imported_when_the_person_says_so(
    park: Park, anna: Tab
) -> None:
    rows = [f"INTAKE-SHIP-{number};E450;north;L-7" for number in range(40)]
    content = "\r\n".join(["serial;model;network;lot", *rows, "INTAKE-SHIP-x;E450;;L-7", ""])
    await anna.open("/intake/imports/00000000000000000000")
    await expect(anna.page.get_by_text("There is no such import")).to_be_visible()
    await anna.open("/intake/imports")
    assert await anna.axe() == []
    await anna.page.get_by_label("Bring a shipment file").set_input_files(
        FilePayload(name="delivery.csv", mimeType="text/csv", buffer=content.encode())
    )
    status = anna.page.locator("#content").get_by_role("status")
    await expect(status).to_have_text("Checked, nothing imported yet")
    await anna.page.reload()
    await expect(status).to_have_text("Checked, nothing imported yet")
    await anna.page.get_by_role("button", name=re.compile(r"Refused\s*1")).click()
    await expect(anna.page.get_by_text(re.compile("network"))).to_be_visible()
    assert await park.all_devices("INTAKE-SHIP") == {}
    assert await anna.axe() == []

    await anna.page.get_by_role("button", name="Import 40 rows").dblclick()
    await expect(status).to_have_text("Done")
    await anna.page.get_by_role("button", name=re.compile(r"Refused\s*1")).click()
    await expect(anna.page.get_by_role("button", name=re.compile(r"Imported\s*40"))).to_be_visible()
    found = await until(lambda: park.all_devices("INTAKE-SHIP"), lambda all_: len(all_) == 40)
    assert {device.lifecycle.value for device in found.values()} == {"INVENTORY"}


async def test_an_import_that_is_paused_goes_on_after_a_restart_and_brings_each_meter_once(
    park: Park, anna: Tab
) -> None:
    page, count = anna.page, METERS
    serials = tuple(f"INTAKE-PAUSE-{number:04}" for number in range(count))
    await anna.open("/intake/imports")
    await page.get_by_label("Bring a shipment file").set_input_files(
        FilePayload(name="pause.csv", mimeType="text/csv", buffer=shipment(serials))
    )
    status = page.locator("#content").get_by_role("status")
    await expect(status).to_have_text("Checked, nothing imported yet")
    # The hub stands still, so that there is a middle.
    with park.stack.frozen("device-hub"):
        await page.get_by_role("button", name=f"Import {count:,} rows").click()
        async with page.expect_response(answers("PauseShipmentImport")):
            await page.get_by_role("button", name="Pause").click()
    # What was on its way is settled first.
    await expect(status).to_have_text("Paused")
    await asyncio.to_thread(park.stack.restart_process, "smoc-service")
    await asyncio.to_thread(park.stack.wait_until_ready)
    await page.reload()
    await expect(status).to_have_text("Paused")
    assert len(await park.all_devices("INTAKE-PAUSE-")) < count
    await page.get_by_role("button", name="Go on").click()
    await expect(status).to_have_text("Done")
    imported = page.get_by_role("button", name=re.compile(rf"Imported\s*{count:,}"))
    await expect(imported).to_be_visible()
    found = await until(lambda: park.all_devices("INTAKE-PAUSE-"), lambda all_: len(all_) == count)
    assert {device.revision for device in found.values()} == {1}, "a row counts once"


async def test_each_role_is_told_what_it_may_not_see(
    park: Park, anna: Tab, chromium: Browser, keycloak: Keycloak
) -> None:
    await quarantined(park, BROKEN, "INTAKE-BROKEN")
    await anna.open("/intake/quarantine")
    await expect(anna.page.get_by_role("button", name="Broken XML")).to_be_visible()
    await expect(
        anna.page.get_by_text("The messages are for integration engineers")
    ).to_be_visible()
    await anna.open("/intake/read")
    await expect(anna.page.get_by_text("the role integration-engineer is needed")).to_be_visible()
    async with open_tab(chromium, anna.home) as victor:
        await log_in(victor, keycloak, "victor", "/intake/feeds")
        needed = "the role asset-manager or integration-engineer is needed"
        await expect(victor.page.get_by_text(needed)).to_be_visible()
        await victor.open("/intake/imports")
        await expect(victor.page.get_by_text("Asset managers bring the files")).to_be_visible()
