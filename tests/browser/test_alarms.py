"""Alarms in the page: an outage as one line, all that match changed together, the load, and streams without a gap."""

import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

from service_chassis.pages import seal
from tests.neighbours.chromium import Tab
from tests.neighbours.stack import RunningStack
from tests.system.messages import events, meter_config
from tests.system.park import Park, until

POWER_LOST, POWER_BACK, TAMPERED = "3.26.0.85", "3.26.0.216", "3.12.43.257"
# More than a page of alarms.
MANY = 55


async def meters(park: Park, area: str, count: int) -> list[str]:
    """Make meters of an area."""
    serials = [f"{area}-{number:02}" for number in range(count)]
    for serial in serials:
        await park.publish(meter_config(serial, "IN_OPERATION", area=area))
    for serial in serials:
        seen = partial(park.device, f"north/{serial}")
        await until(seen, lambda device: device.area == area)
    return serials


async def test_an_outage_of_an_area_is_one_line_that_opens_to_its_meters_and_counts_them_now(
    park: Park, anna: Tab
) -> None:
    serials = await meters(park, "OUT", 12)
    await park.publish(events(*((each, POWER_LOST, datetime.now(UTC)) for each in serials)))
    await anna.open("/alarms?area=OUT&rule=area-outage")
    line = anna.page.get_by_role("listitem").filter(has_text="Outage in OUT")
    await expect(line).to_contain_text("12 of 12 meters without power")
    await anna.page.evaluate("window.stillTheSame = true")
    await line.get_by_role("button", name="Devices and history").click()
    devices = line.get_by_role("list", name="Affected devices")
    await expect(devices.get_by_role("link", name=serials[0])).to_be_visible()
    await park.publish(events((serials[0], POWER_BACK, datetime.now(UTC))))
    await expect(devices.get_by_role("link", name=serials[0])).to_have_count(0)
    await expect(line).to_contain_text("11 of 12 meters without power")
    assert await anna.page.evaluate("window.stillTheSame")
    await anna.open("/")
    await expect(anna.page.get_by_role("list", name="Outages of areas")).to_contain_text(
        "11 of 12 meters without power"
    )


async def test_all_that_match_are_acknowledged_also_those_that_are_not_shown(
    park: Park, anna: Tab
) -> None:
    serials = await meters(park, "BULK", MANY)
    await park.publish(events(*((each, TAMPERED, datetime.now(UTC)) for each in serials)))
    await until(
        lambda: park.device(f"north/{serials[-1]}"), lambda seen: seen.tamper.value == "DETECTED"
    )
    await anna.open("/alarms?area=BULK&state=OPEN&state=ACKNOWLEDGED")
    page = anna.page
    await expect(page.get_by_role("button", name="Show older alarms")).to_be_visible()
    one = page.get_by_role("button", name="Acknowledge", exact=True).first
    await one.click()
    await page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("checkbox", name="Choose all shown").check()
    await page.get_by_role("button", name="Choose all that match").click()
    chosen = page.get_by_role("group", name="With those that are chosen")
    await chosen.get_by_role("button", name="Acknowledge").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text(f"{MANY} alarms")
    # Twice, as people click: it is one job.
    await dialog.get_by_role("button", name="Acknowledge").dblclick()
    left = dialog.get_by_role("list", name="Alarms that were not changed")
    await expect(left).to_contain_text("is acknowledged already")
    await expect(left.get_by_role("listitem")).to_have_count(1)
    await expect(dialog).to_contain_text(f"Done: {MANY - 1}")
    await dialog.get_by_role("button", name="Close").click()
    await anna.open("/alarms?area=BULK&state=OPEN")
    await expect(page.get_by_text("No alarm fits this filter")).to_be_visible()


async def test_what_a_job_did_stays_to_be_read_when_it_has_emptied_the_list(
    park: Park, anna: Tab
) -> None:
    serials = await meters(park, "EMPTIED", 3)
    await park.publish(events(*((each, TAMPERED, datetime.now(UTC)) for each in serials)))
    page = anna.page
    await anna.open("/alarms?area=EMPTIED&state=OPEN")
    lines = page.locator("ul.alarms > li")
    await expect(lines).to_have_count(3)
    await page.get_by_role("checkbox", name="Choose all shown").check()
    chosen = page.get_by_role("group", name="With those that are chosen")
    await chosen.get_by_role("button", name="Acknowledge").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Acknowledge").click()
    await expect(lines).to_have_count(0)
    await expect(dialog).to_contain_text("Done: 3")
    await dialog.get_by_role("button", name="Close").click()
    await expect(page.get_by_text("No alarm fits this filter")).to_be_visible()


async def test_a_condition_of_the_inbox_tells_what_taking_it_away_brings_back(
    park: Park, anna: Tab
) -> None:
    serials = await meters(park, "CHIP", 2)
    await park.publish(events(*((each, TAMPERED, datetime.now(UTC)) for each in serials)))
    page = anna.page
    await anna.open("/alarms?area=CHIP")
    lines = page.get_by_role("listitem").filter(has_text="CHIP-")
    await expect(lines).to_have_count(2)
    await anna.open("/alarms?area=CHIP&severity=INFO")
    await expect(page.get_by_text("No alarm fits this filter")).to_be_visible()
    chips = page.get_by_role("list", name="Conditions of the list")
    await expect(chips.get_by_role("button", name="Area: CHIP")).to_be_visible()
    severity = chips.get_by_role("button", name="Severity: Info")
    await severity.hover()
    await expect(page.get_by_text("Take this condition away: 2 alarms more")).to_be_visible()
    await severity.click()
    await expect(lines).to_have_count(2)
    assert "severity" not in page.url


async def change(page: Page, alarm: Locator, action: str, comment: str = "") -> None:
    """Change the alarm, which is open to its history, as its dialog asks."""
    await alarm.locator(".history").get_by_role("button", name=action, exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Comment").fill(comment)
    await dialog.get_by_role("button", name=action, exact=True).click()
    await expect(dialog).to_have_count(0)


async def test_an_alarm_is_assigned_commented_put_to_sleep_and_resolved_and_tells_all_of_it(
    park: Park, anna: Tab
) -> None:
    [serial] = await meters(park, "WORKED", 1)
    await park.publish(events((serial, TAMPERED, datetime.now(UTC))))
    page = anna.page
    await anna.open("/alarms?area=WORKED")
    alarm = page.locator("ul.alarms > li").filter(has_text=serial)
    nothing = page.get_by_text("No alarm fits this filter")
    more = alarm.get_by_role("button", name="History and more")
    await more.click()
    await change(page, alarm, "Assign", "goes there at noon")
    await expect(alarm.locator(".state")).to_contain_text("anna")
    await page.get_by_role("checkbox", name="assigned to me").check()
    await expect(page).to_have_url(re.compile("mine=yes"))
    await more.click()
    await change(page, alarm, "Comment", "the seal is broken")
    await expect(alarm.locator(".history")).to_contain_text("the seal is broken")
    await change(page, alarm, "Snooze")
    await expect(nothing).to_be_visible()
    await page.get_by_role("checkbox", name="with those that sleep").check()
    await expect(alarm).to_contain_text("sleeps until")
    await more.click()
    await change(page, alarm, "Resolve")
    await expect(nothing).to_be_visible()
    await page.get_by_role("checkbox", name="Resolved").check()
    await more.click()
    deeds = alarm.locator(".history li")
    for deed in ("Assigned by anna", "Commented by anna", "Snoozed by anna", "Resolved by anna"):
        await expect(deeds.filter(has_text=deed)).to_have_count(1)
    await expect(deeds.filter(has_text="goes there at noon")).to_have_count(1)


async def test_the_alarm_load_is_held_against_its_targets(anna: Tab) -> None:
    await anna.open("/alarms/load?days=7&people=2")
    load = anna.page.get_by_role("main")
    await expect(load.get_by_role("heading", name="Alarms per day and person")).to_be_visible()
    await expect(load).to_contain_text("at most 20")
    await expect(load).to_contain_text("alarms were opened in 7 days")
    # The chart says its sentence as a table, too: a line for each day.
    await load.get_by_text("As a table").click()
    table = load.get_by_role("region", name="alarms were opened in 7 days")
    await expect(table.locator("tbody tr")).to_have_count(7)
    await anna.page.get_by_label("People who share it").fill("3")
    await anna.page.get_by_label("People who share it").press("Tab")
    await expect(load).to_contain_text("at most 30")
    assert "people=3" in anna.page.url


async def test_a_stream_whose_position_is_gone_is_told_and_the_view_misses_nothing(
    park: Park, anna: Tab, stack: RunningStack
) -> None:
    [serial] = await meters(park, "GAP", 1)
    # Of the year 2000: a position as the register seals it, which its database does not know any more.
    long_ago = seal("watch alarms", "82386D438000000001")
    resumed = []

    async def aged(route: Route) -> None:
        asked: dict[str, Any] = json.loads(route.request.post_data or "{}")
        if asked.get("operationName") == "AlarmChanged" and asked["variables"].get("position"):
            asked["variables"]["position"] = long_ago
            resumed.append(asked)
            await route.continue_(post_data=json.dumps(asked))
        else:
            await route.continue_()

    await anna.open("/alarms?area=GAP")
    await expect(anna.page.get_by_text("No alarm fits this filter")).to_be_visible()
    await anna.page.route("**/page/graphql", aged)
    await anna.page.evaluate("window.stillTheSame = true")
    # An open stream of a browser is cut by nothing but its server.
    stack.stop_process("router")
    banner = anna.page.get_by_text("Changes do not arrive since")
    await expect(banner).to_be_visible()
    await park.publish(events((serial, TAMPERED, datetime.now(UTC))))
    await until(
        lambda: park.device(f"north/{serial}"), lambda seen: seen.tamper.value == "DETECTED"
    )
    stack.start_process("router")
    stack.wait_until_ready()
    await expect(anna.page.get_by_role("listitem").filter(has_text=serial)).to_be_visible()
    await expect(banner).to_have_count(0)
    assert resumed
    assert await anna.page.evaluate("window.stillTheSame")
    anna.complaints.clear()
