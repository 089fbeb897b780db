"""The start page: each line leads to what it counts, and nothing is asked that the person's role may not see."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.neighbours.chromium import LAYOUTS, Tab, is_well_made, log_in, open_tab
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import events, meter_config
from tests.system.park import Park, until

METER, LATER, AREA = "TODAY-1", "TODAY-2", "TODAY-AREA"
TAMPERED, UPDATE_FAILED, UNREACHABLE = "3.12.43.257", "3.11.0.85", "3.1.0.85"
BROKEN = meter_config("TODAY-BROKEN", "IN_OPERATION").replace("</Meter>", "</Metre>")
OF_THE_INTAKE = {"Feeds", "QuarantineReasons"}
OF_THE_PARK = {"Today", "ParkSummary", "TodayAlarmLoad", "ParkSummaryChanged", "AlarmChanged"}


async def _park_with_trouble(park: Park) -> None:
    """A meter with a critical alarm, a failed update and no communication; one message that cannot be read."""
    now = datetime.now(UTC)
    happened = events(
        (METER, TAMPERED, now - timedelta(seconds=2)),
        (METER, UPDATE_FAILED, now - timedelta(seconds=1)),
        (METER, UNREACHABLE, now),
    )
    await park.publish(meter_config(METER, "IN_OPERATION", area=AREA), happened, BROKEN)
    await until(
        lambda: park.device(f"north/{METER}"),
        lambda seen: (
            (seen.tamper.value, seen.firmware.value, seen.communication.value)
            == ("DETECTED", "FAILED", "LOST")
        ),
    )
    await until(lambda: park.quarantined(b"TODAY-BROKEN"), lambda one: one is not None)


def _asked(page: Page) -> set[str]:
    """Return a set that grows by the name of each question that the page asks from now on."""
    names: set[str] = set()

    def note(body: str | None) -> None:
        if body and body.startswith("{"):
            names.add(json.loads(body).get("operationName", ""))

    page.on("request", lambda request: note(request.post_data))
    return names


async def test_alarms_by_severity_and_what_comes_in_lead_to_what_they_count(
    park: Park, anna: Tab
) -> None:
    await _park_with_trouble(park)
    page = anna.page
    await anna.open("/")
    sentence = page.get_by_role("heading", level=1)
    await expect(sentence).to_contain_text(re.compile(r"critical alarms?"))
    await expect(sentence).to_contain_text(re.compile(r"messages? that could not be read"))

    intake = page.get_by_role("region", name="What comes in")
    await expect(intake.get_by_text("Not readable")).to_be_visible()
    await expect(intake.get_by_text("Slowest feed")).to_be_visible()
    await expect(intake).to_contain_text(re.compile(r"oldest .*ago|oldest .*now"))
    await intake.get_by_role("link", name="Broken XML").click()
    await expect(page.get_by_role("button", name="Broken XML", pressed=True)).to_be_visible()
    assert "reason=XML_MALFORMED" in page.url

    await page.go_back()
    attention = page.get_by_role("region", name="Needs attention")
    listed = page.get_by_role("row").filter(has_text=METER)
    for line, chosen in (
        ("Failed firmware updates", "firmware=FAILED"),
        ("Silent meters", "communication=LOST"),
        (f"Silent in {AREA}", f"area={AREA}"),
    ):
        await attention.get_by_role("link", name=line).click()
        await expect(listed).to_be_visible()
        assert chosen in page.url
        await page.go_back()
    await attention.get_by_role("link", name="Critical").click()
    await expect(page.get_by_role("checkbox", name="Critical")).to_be_checked()
    await expect(page.get_by_role("checkbox", name="Open")).to_be_checked()
    await expect(page.get_by_role("listitem").filter(has_text=METER)).to_be_visible()


async def test_what_happens_is_seen_without_a_reload_and_each_chart_is_a_sentence_and_a_table_too(
    park: Park, anna: Tab
) -> None:
    await _park_with_trouble(park)
    page = anna.page
    await anna.open("/")
    attention = page.get_by_role("region", name="Needs attention")
    await expect(attention.get_by_role("link", name=METER, exact=True).first).to_be_visible()
    for name, said in (
        ("Rollout", "taken into operation in the last 30 days"),
        ("Communication", ""),
    ):
        chart = page.get_by_role("region", name=name, exact=True)
        sentence = await chart.locator("mp-trend > p").inner_text()
        assert sentence.endswith(".")
        assert said in sentence
        await chart.get_by_text("As a table").click()
        table = chart.get_by_role("region", name=sentence)
        await expect(table.locator("tbody tr")).to_have_count(30)
    await page.evaluate("window.stillTheSame = true")
    await park.publish(
        meter_config(LATER, "IN_OPERATION"), events((LATER, TAMPERED, datetime.now(UTC)))
    )
    await expect(attention.get_by_role("link", name=LATER, exact=True)).to_be_visible()
    changed = page.get_by_role("region", name="What changed")
    await expect(changed.get_by_role("link", name=LATER, exact=True).first).to_be_visible()
    # Left open over midnight, it goes on with the next day.
    await expect(changed).to_contain_text("Days are in UTC")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await page.clock.set_fixed_time(tomorrow)
    rows = page.get_by_role("region", name="Rollout", exact=True).locator("tbody tr")
    await expect(rows.last).to_contain_text(f"{tomorrow:%Y-%m-%d}")
    await expect(changed).to_contain_text("0 today")
    assert await page.evaluate("window.stillTheSame")


async def test_nothing_moves_when_what_was_not_read_yet_comes(park: Park, anna: Tab) -> None:
    await _park_with_trouble(park)
    page = anna.page
    answered = asyncio.Event()

    async def late(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await page.route("**/page/graphql", late)
    await anna.open("/")
    attention = page.get_by_role("region", name="Needs attention")
    parts = (
        *(attention, page.get_by_role("region", name="What comes in")),
        *(page.get_by_role("region", name=name) for name in ("The park in numbers", "Rollout")),
    )
    await expect(attention.locator(".waiting")).to_have_count(3)
    before = [await part.bounding_box() for part in parts]
    answered.set()
    await expect(page.locator(".waiting, .chart-waiting")).to_have_count(0)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("critical")
    after = [await part.bounding_box() for part in parts]
    assert [box and box["y"] for box in after] == [box and box["y"] for box in before]


@pytest.mark.parametrize(
    ("user", "told", "never_asked"),
    [
        ("victor", "are for asset managers and integration engineers", OF_THE_INTAKE),
        ("ingrid", "Devices and alarms are for asset viewers and asset managers", OF_THE_PARK),
    ],
)
async def test_who_may_not_see_a_part_is_told_so_and_it_is_not_asked_for(
    *,
    park: Park,
    chromium: Browser,
    keycloak: Keycloak,
    pictures: Path,
    user: str,
    told: str,
    never_asked: set[str],
) -> None:
    await _park_with_trouble(park)
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home) as tab:
        asked = _asked(tab.page)
        await log_in(tab, keycloak, user)
        await expect(tab.page.get_by_text(told)).to_be_visible()
        await expect(tab.page.locator(".waiting, .chart-waiting")).to_have_count(0)
        seen = OF_THE_PARK if user == "victor" else OF_THE_INTAKE
        assert seen <= asked
        assert not never_asked & asked
        heading = tab.page.get_by_role("heading", level=1)
        await expect(heading).not_to_contain_text("Reading")
        for widths in LAYOUTS:
            await is_well_made(tab, pictures, f"today-of-{user}", widths)
        assert tab.complaints == []
