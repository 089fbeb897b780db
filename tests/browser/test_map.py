"""The map and the list say the same: what is picked on one is the filter of the other."""

import re

from playwright.async_api import expect

from tests.neighbours.chromium import Tab
from tests.system.messages import meter_config
from tests.system.park import Park, until

BERN, BESIDE, ZURICH = (46.9480, 7.4474), (46.9481, 7.4475), (47.3769, 8.5417)


async def placed(park: Park, meter: str, place: tuple[float, float] | None, area: str = "") -> None:
    await park.publish(meter_config(meter, "IN_OPERATION", place=place, area=area))
    await until(
        lambda: park.device(f"north/{meter}"), lambda seen: seen.lifecycle.value == "IN_OPERATION"
    )


async def test_a_part_picked_on_the_map_filters_the_list_and_the_other_way_round(
    park: Park, anna: Tab
) -> None:
    meters = {"MAP-1": BERN, "MAP-2": BESIDE, "MAP-3": ZURICH, "MAP-4": None}
    for meter, place in meters.items():
        await placed(park, meter, place)
    page = anna.page
    # From close by, where only those of Bern are in view.
    await anna.open("/map?begins=MAP-&at=46.948,7.4474,12")
    in_view = page.locator("mp-in-view")
    await expect(in_view).to_contain_text("2 devices; 1 that cannot be shown.")
    await expect(page.get_by_role("application", name="Map of 4 devices")).to_be_visible()

    await in_view.get_by_role("button", name="Only what is in view").press("Enter")
    await expect(page).to_have_url(re.compile("box=46"))
    await expect(page.get_by_role("status").filter(has_text="2 devices")).to_be_visible()
    picked = page.url
    await page.reload()
    await expect(in_view).to_contain_text("2 devices.")

    await anna.open(picked.removeprefix(anna.home).replace("/map?", "/devices?"))
    rows = page.get_by_role("row").filter(has_text="MAP-")
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name="in the part of the map that is picked").click()
    await expect(rows).to_have_count(4)

    # A filter of the list is one of the map, and the device that is left is opened from there.
    await anna.open("/map?begins=MAP-3")
    await in_view.get_by_text("As a table").click()
    await in_view.get_by_role("button", name="MAP-3").press("Enter")
    card = page.get_by_role("dialog", name="MAP-3")
    await expect(card).to_contain_text("47.37690, 8.54170")
    await card.press("Escape")
    await expect(card).to_have_count(0)
    await in_view.get_by_role("button", name="MAP-3").press("Enter")
    await card.get_by_role("link", name="Open the device").click()
    await page.get_by_role("link", name="Show on the map").click()
    await expect(page).to_have_url(re.compile("/map.*at=47.3769,8.5417,15"))
    assert anna.complaints == []


async def test_an_area_picked_on_the_map_is_a_filter_and_one_without_a_place_falls_to_its_area(
    park: Park, anna: Tab
) -> None:
    meters = {"TOWN-1": (ZURICH, "Seefeld"), "TOWN-2": (None, "Seefeld"), "TOWN-3": (BERN, "Aare")}
    for meter, (place, area) in meters.items():
        await placed(park, meter, place, area)
    page = anna.page
    await anna.open("/map?begins=TOWN-")
    in_view = page.locator("mp-in-view")
    areas = in_view.locator("section", has=page.get_by_role("heading", name="Areas"))
    await expect(in_view).to_contain_text(
        "2 devices; 1 without coordinates, in the middle of their area."
    )
    await areas.get_by_role("button", name="Seefeld 2").press("Enter")
    await expect(page).to_have_url(re.compile("area=Seefeld"))
    await expect(page.get_by_role("status").filter(has_text="2 devices")).to_be_visible()
    picked = page.url.removeprefix(anna.home)
    # A filter of the map is one of the list.
    await anna.open(picked.replace("/map?", "/devices?"))
    await expect(page.get_by_role("row").filter(has_text="TOWN-")).to_have_count(2)
    # One of the list is one of the map: it stands in the middle of its area.
    await anna.open("/map?begins=TOWN-2")
    await expect(page.get_by_role("application", name="Map of 1 devices")).to_be_visible()
    await in_view.get_by_text("As a table").click()
    await in_view.get_by_role("button", name="Seefeld", exact=True).press("Enter")
    await expect(page.get_by_role("dialog", name="Seefeld")).to_contain_text(
        "shown in the middle of their area"
    )
    assert anna.complaints == []
