"""What people do with the page, each as they would: by click or key, without a reload."""

from datetime import UTC, datetime
from urllib.parse import unquote

from playwright.async_api import Browser, expect

from tests.neighbours.chromium import Tab, log_in, open_tab, tab_to
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import events, meter_config
from tests.system.park import Park, until

POWER_LOST, POWER_BACK = "3.26.0.85", "3.26.0.216"
TAMPERED = "3.12.43.257"


async def known(park: Park, meter: str) -> None:
    await park.publish(meter_config(meter, "IN_OPERATION"))
    await until(
        lambda: park.device(f"north/{meter}"), lambda seen: seen.lifecycle.value == "IN_OPERATION"
    )


async def tampered(park: Park, meter: str) -> None:
    await known(park, meter)
    await park.publish(events((meter, TAMPERED, datetime.now(UTC))))
    await until(lambda: park.device(f"north/{meter}"), lambda seen: seen.tamper.value == "DETECTED")


async def test_an_outage_appears_in_the_list_without_a_reload(park: Park, anna: Tab) -> None:
    await known(park, "WORK-1")
    await anna.open("/devices?begins=WORK-1")
    row = anna.page.get_by_role("row").filter(has_text="WORK-1")
    await expect(row).to_be_visible()
    await anna.page.evaluate("window.stillTheSame = true")
    await park.publish(events(("WORK-1", POWER_LOST, datetime.now(UTC))))
    await expect(row).to_contain_text("Off")
    assert await anna.page.evaluate("window.stillTheSame")


async def test_an_acknowledged_alarm_stays_acknowledged(park: Park, anna: Tab) -> None:
    await tampered(park, "WORK-2")
    await anna.open("/alarms?severity=CRITICAL")
    alarm = anna.page.get_by_role("listitem").filter(has_text="WORK-2")
    await alarm.get_by_role("button", name="Acknowledge").click()
    await anna.page.get_by_label("Comment").fill("somebody goes there today")
    await anna.page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    await expect(alarm).to_contain_text("Acknowledged")
    await anna.page.reload()
    await expect(alarm).to_contain_text("Acknowledged")
    await alarm.get_by_role("button", name="History and more").click()
    await expect(alarm).to_contain_text("somebody goes there today")


async def test_the_time_slider_shows_how_the_device_was_and_what_differs(
    park: Park, anna: Tab
) -> None:
    await known(park, "WORK-3")
    before = datetime.now(UTC)
    await park.publish(events(("WORK-3", POWER_LOST, datetime.now(UTC))))
    await until(lambda: park.device("north/WORK-3"), lambda seen: seen.power.value == "OFF")
    await anna.open(f"/devices/north/WORK-3?at={before.isoformat().replace('+00:00', 'Z')}")
    power = anna.page.get_by_role("listitem").filter(
        has=anna.page.get_by_role("heading", name="Power")
    )
    await expect(power).to_contain_text("now: ■Off")
    await anna.page.get_by_role("button", name="Back to now").click()
    await expect(power).not_to_contain_text("now:")
    assert "at=" not in anna.page.url
    # The slider by keys: its left end is the first moment at which the device was known, and all of it was.
    slider = anna.page.get_by_role("slider", name="As known at")
    await slider.press("Home")
    then = anna.page.get_by_text("You see the device as it was known then.")
    await expect(then).to_be_visible()
    await expect(power).to_contain_text("now: ■Off")
    await expect(anna.page.get_by_text("The history does not reach that far back")).to_have_count(0)
    await expect(slider).to_have_value("0")
    await slider.press("End")
    await expect(then).to_have_count(0)
    # And by the mouse.
    track = await slider.bounding_box()
    assert track is not None
    await slider.click(position={"x": 1, "y": track["height"] / 2})
    await expect(power).to_contain_text("now: ■Off")
    first = anna.page.url
    await slider.click(position={"x": track["width"] / 2, "y": track["height"] / 2})
    await expect(then).to_be_visible()
    await expect(anna.page).not_to_have_url(first)
    assert "at=" in anna.page.url
    # To the minute, in the zone that is shown.
    await anna.page.get_by_role("button", name="Back to now").click()
    await anna.page.get_by_role("button", name="Exactly at …").click()
    exactly = anna.page.get_by_label("Exactly at", exact=True)
    await expect(exactly).to_be_focused()
    await exactly.fill("2026-03-01T12:30")
    await expect(anna.page.get_by_text("It was not heard of before that time.")).to_be_visible()
    assert "at=2026-03-01T12:30:00.000Z" in unquote(anna.page.url)


async def test_back_reload_and_a_pasted_address_show_the_same_list(
    park: Park, anna: Tab, chromium: Browser, keycloak: Keycloak
) -> None:
    await known(park, "WORK-4")
    await anna.open("/devices")
    await anna.page.get_by_label("Serial number or name", exact=True).fill("WORK-")
    await anna.page.get_by_label("Serial number or name ends with").fill("-4")
    await anna.page.keyboard.press("Enter")
    conditions = anna.page.get_by_role("list", name="Conditions of the list")
    await expect(conditions).to_contain_text("begins with WORK-")
    await expect(conditions).to_contain_text("ends with -4")
    await anna.page.get_by_role("checkbox", name="In operation").check()
    heads = anna.page.get_by_role("columnheader")
    contact, model = heads.filter(has_text="Last contact"), heads.filter(has_text="Model")
    await contact.get_by_role("button").click()
    await expect(contact).to_have_attribute("aria-sort", "ascending")
    await model.get_by_role("button").click(modifiers=["Shift"])
    await expect(model).to_contain_text("↑2")
    address = anna.page.url.removeprefix(anna.home)
    await anna.page.get_by_role("row").filter(has_text="WORK-4").click()
    await expect(anna.page.get_by_role("heading", name="Timeline")).to_be_visible()
    await anna.page.go_back()
    await expect(anna.page.get_by_role("checkbox", name="In operation")).to_be_checked()
    await anna.page.reload()
    await expect(anna.page.get_by_role("checkbox", name="In operation")).to_be_checked()
    assert anna.page.url.removeprefix(anna.home) == address
    # Which key counts first is seen.
    await expect(contact).to_contain_text("↑1")
    await expect(model).to_contain_text("↑2")

    async with open_tab(chromium, anna.home) as other:
        await log_in(other, keycloak, "anna", address)
        await expect(other.page.get_by_role("checkbox", name="In operation")).to_be_checked()
        await expect(other.page.get_by_role("row").filter(has_text="WORK-4")).to_be_visible()
        assert other.page.url.removeprefix(other.home) == address


async def test_a_viewer_sees_his_network_only_and_changes_nothing(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await tampered(park, "WORK-5")
    async with open_tab(chromium, park.stack.description["bff"]["url"]) as victor:
        await log_in(victor, keycloak, "victor", "/alarms")
        alarm = victor.page.get_by_role("listitem").filter(has_text="WORK-5")
        await expect(alarm).to_be_visible()
        await expect(alarm.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await victor.open("/devices/south/WORK-5")
        await expect(victor.page.get_by_text("Your role does not allow this")).to_be_visible()


async def test_the_list_is_worked_with_by_keys_alone(park: Park, anna: Tab) -> None:
    await known(park, "WORK-7A")
    await known(park, "WORK-7B")
    await anna.open("/devices?begins=WORK-7")
    first = anna.page.get_by_role("row").filter(has_text="WORK-7A")
    await expect(first).to_be_visible()
    await tab_to(anna.page, anna.page.get_by_role("button", name="Past the filters"))
    await anna.page.keyboard.press("Enter")
    await expect(first).to_be_focused()
    await anna.page.keyboard.press("ArrowDown")
    await expect(anna.page.get_by_role("row").filter(has_text="WORK-7B")).to_be_focused()
    await anna.page.keyboard.press("Enter")
    await expect(anna.page.get_by_role("heading", name="WORK-7B")).to_be_visible()


async def test_a_tampered_meter_is_found_and_its_alarm_assigned_by_keys_alone_from_the_login_on(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await tampered(park, "WORK-8")
    async with open_tab(chromium, park.stack.description["bff"]["url"]) as tab:
        page = tab.page
        await tab.open("/")
        await expect(page.get_by_label("Username")).to_be_focused()
        await page.keyboard.type("anna")
        await page.keyboard.press("Tab")
        await page.keyboard.type(keycloak.password("anna"))
        await page.keyboard.press("Enter")
        # Past the bar of the views, as who has come here before. What needs attention names the meter; its view says
        # when it was, and what else happened.
        attention = page.get_by_role("region", name="Needs attention")
        meter = attention.get_by_role("link", name="WORK-8", exact=True)
        await expect(meter).to_be_visible()
        await tab_to(page, page.get_by_role("link", name="Skip to content"))
        await page.keyboard.press("Enter")
        await tab_to(page, meter)
        await page.keyboard.press("Enter")
        # Who comes into a view goes on in it: not through the bar once more.
        await expect(page.get_by_role("main")).to_be_focused()
        timeline = page.locator("mp-timeline")
        await expect(timeline.get_by_text("Tamper detected")).to_be_visible()
        await expect(timeline.get_by_text("First heard of")).to_be_visible()
        alarm = page.locator("mp-device-alarms ul.alarms > li")
        await tab_to(page, alarm.get_by_role("button", name="History and more"))
        await page.keyboard.press("Enter")
        assign = alarm.get_by_role("button", name="Assign", exact=True)
        await tab_to(page, assign)
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("To")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(alarm.locator(".state")).to_contain_text("anna")
        # Work goes on where it was.
        await expect(assign).to_be_focused()
        assert tab.complaints == []
