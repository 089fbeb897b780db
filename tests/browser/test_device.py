"""One device and two: what it was, what was reported of it, what people say of it, and what differs."""

from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.test_work import POWER_LOST, TAMPERED, known
from tests.neighbours.chromium import Tab, log_in, open_tab, picture
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import events, linkage
from tests.system.park import Park, until


async def test_the_timeline_is_filtered_in_the_address_and_read_back_by_a_reload(
    park: Park, anna: Tab
) -> None:
    await known(park, "DEVICE-1")
    await park.publish(events(("DEVICE-1", POWER_LOST, datetime.now(UTC))))
    await until(lambda: park.device("north/DEVICE-1"), lambda seen: seen.power.value == "OFF")
    await anna.open("/devices/north/DEVICE-1")
    timeline = anna.page.locator("mp-timeline")
    await expect(timeline.get_by_text("First heard of")).to_be_visible()
    await timeline.get_by_role("button", name="Power").click()
    await expect(timeline.get_by_text("First heard of")).to_have_count(0)
    await expect(timeline.get_by_text("Power lost")).to_be_visible()
    assert "what=power" in anna.page.url
    await anna.page.reload()
    await expect(timeline.get_by_text("Power lost")).to_be_visible()
    await expect(timeline.get_by_text("First heard of")).to_have_count(0)


async def test_a_time_that_was_chosen_marks_the_facts_that_differ_from_now(
    park: Park, anna: Tab
) -> None:
    await known(park, "DEVICE-2")
    before = datetime.now(UTC)
    await park.publish(linkage("DEVICE-2", "CH-UP-2"))
    await until(lambda: park.device("north/DEVICE-2"), lambda seen: seen.usage_point == "CH-UP-2")
    await anna.open(f"/devices/north/DEVICE-2?at={before.isoformat().replace('+00:00', 'Z')}")
    place = anna.page.locator("mp-fact-sheets section", has_text="Usage point")
    await expect(place).to_contain_text("nothing known")
    await expect(place).to_contain_text("≠ now: CH-UP-2")
    await expect(anna.page.get_by_text("values differ from now")).to_be_visible()
    await expect(anna.page.locator("mp-usage-points")).to_contain_text("CH-UP-2")


async def test_an_asset_manager_tags_a_device_and_the_tag_stays(park: Park, anna: Tab) -> None:
    await known(park, "DEVICE-3")
    await anna.open("/devices/north/DEVICE-3")
    said = anna.page.locator("mp-said-of-it")
    await said.get_by_label("New tag").fill("yard-7")
    await said.get_by_role("button", name="Add tag").click()
    await expect(said.get_by_role("listitem").filter(has_text="yard-7")).to_be_visible()
    await anna.page.reload()
    await expect(said.get_by_role("listitem").filter(has_text="yard-7")).to_be_visible()
    await said.get_by_role("button", name="Remove the tag yard-7").click()
    await expect(said.get_by_text("No tag.")).to_be_visible()


async def test_a_note_is_written_once_read_by_others_and_deleted_for_everybody(
    park: Park, anna: Tab, chromium: Browser, keycloak: Keycloak, pictures: Path
) -> None:
    await known(park, "DEVICE-6")
    await anna.open("/devices/north/DEVICE-6")
    notes = anna.page.locator("mp-notes")
    await expect(notes.get_by_text("Nobody has written a note yet.")).to_be_visible()
    for text in ("Dog in the yard", "The key is with the caretaker,\nsecond floor."):
        await notes.get_by_label("New note").fill(text)
        # A click twice writes nothing twice.
        await notes.get_by_role("button", name="Write the note").dblclick()
        await expect(notes.get_by_label("New note")).to_have_value("")
    lines = notes.get_by_role("listitem")
    await expect(lines).to_have_count(2)
    await expect(lines.first).to_contain_text("second floor.")
    await expect(lines.first).to_contain_text("anna")
    await anna.page.reload()
    await expect(lines).to_have_count(2)
    await notes.scroll_into_view_if_needed()
    await picture(anna, pictures, "notes")

    async with open_tab(chromium, anna.home, width=390, theme="dark") as victor:
        await log_in(victor, keycloak, "victor", "/devices/north/DEVICE-6")
        read = victor.page.locator("mp-notes")
        await expect(read.get_by_text("Dog in the yard")).to_be_visible()
        await expect(read.get_by_role("button")).to_have_count(0)
        assert await victor.axe() == []
        await read.scroll_into_view_if_needed()
        await picture(victor, pictures, "notes-390-dark")
        assert victor.complaints == []

    dog = lines.filter(has_text="Dog in the yard")
    await dog.get_by_role("button", name="Delete").click()
    assert await anna.axe() == []
    await dog.get_by_role("button", name="Keep it").click()
    await expect(lines).to_have_count(2)
    await dog.get_by_role("button", name="Delete").click()
    await dog.get_by_role("button", name="Delete it").click()
    await expect(lines).to_have_count(1)
    await anna.page.reload()
    await expect(lines).to_have_count(1)

    async with open_tab(chromium, anna.home) as audrey:
        await log_in(audrey, keycloak, "audrey", "/audit?device=north/DEVICE-6&what=notes")
        await expect(audrey.page.get_by_text("anna deleted a note")).to_be_visible()
        await expect(audrey.page.get_by_text("anna wrote a note")).to_have_count(2)
        await expect(audrey.page.get_by_text("Dog in the yard")).to_be_visible()


async def test_two_devices_lie_side_by_side_and_what_differs_says_so(park: Park, anna: Tab) -> None:
    await known(park, "DEVICE-4A")
    await known(park, "DEVICE-4B")
    await park.publish(events(("DEVICE-4B", TAMPERED, datetime.now(UTC))))
    await until(
        lambda: park.device("north/DEVICE-4B"), lambda seen: seen.tamper.value == "DETECTED"
    )
    await anna.open("/devices/north/DEVICE-4A")
    await anna.page.get_by_role("link", name="Compare with …").click()
    await anna.page.get_by_label("Second device").fill("DEVICE-4B")
    await anna.page.get_by_role("button", name="DEVICE-4B").click()
    tamper = anna.page.get_by_role("row", name="Tamper")
    await expect(tamper).to_contain_text("≠ differs")
    lifecycle = anna.page.get_by_role("row", name="Lifecycle")
    await expect(lifecycle).to_contain_text("= same")
    await anna.page.get_by_label("only what differs").check()
    await expect(lifecycle).to_have_count(0)
    await expect(tamper).to_be_visible()
    common = anna.page.locator("mp-two-timelines")
    await expect(common.get_by_text("Tamper detected")).to_be_visible()
    await expect(common.get_by_text("First heard of")).to_have_count(2)
    address = anna.page.url
    await anna.page.reload()
    await expect(tamper).to_be_visible()
    assert anna.page.url == address

    # One is behind the other: each leads to the other one, and a facet says what made it so.
    await park.publish(linkage("DEVICE-4A", "CH-UP-4", child="DEVICE-4B"))
    await until(lambda: park.behind("DEVICE-4A"), lambda found: found == ["north/DEVICE-4B"])
    await anna.open("/devices/north/DEVICE-4B")
    facets = anna.page.locator("mp-facet-cards")
    await expect(facets.get_by_role("listitem").filter(has_text="Tamper")).to_contain_text(TAMPERED)
    behind = anna.page.locator("mp-behind")
    await expect(behind).to_contain_text("No device is behind it.")
    await behind.get_by_role("link", name="DEVICE-4A").click()
    await expect(anna.page.get_by_role("heading", name="DEVICE-4A")).to_be_visible()
    await expect(behind).to_contain_text("It is behind no other device.")
    await expect(behind.get_by_role("link", name="DEVICE-4B")).to_be_visible()


async def test_what_was_reported_is_shown_to_auditors_without_secrets_and_to_nobody_else(
    park: Park, anna: Tab, chromium: Browser, keycloak: Keycloak
) -> None:
    await known(park, "DEVICE-5")
    await anna.open("/devices/north/DEVICE-5")
    entry = anna.page.locator("mp-timeline li", has_text="Configured:")
    await entry.get_by_text("What was reported").click()
    await expect(entry.get_by_text("shown to the role auditor")).to_be_visible()

    async with open_tab(chromium, anna.home) as audrey:
        await log_in(audrey, keycloak, "audrey", "/devices/north/DEVICE-5")
        entry = audrey.page.locator("mp-timeline li", has_text="Configured:")
        await entry.get_by_text("What was reported").click()
        await expect(entry.locator("pre", has_text="configured.1")).to_be_visible()
        await expect(entry).to_contain_text("MeterConfig")
        assert "secret-4711" not in await audrey.page.content()
        assert audrey.complaints == []
