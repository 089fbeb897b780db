"""Every view in both themes and at three widths: axe finds nothing, nothing sticks out, a picture of each is kept."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from meterpark.smoc.v1 import alarm_service_pb2, import_service_pb2, job_service_pb2
from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceStub
from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceStub
from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceStub
from playwright.async_api import Browser, Page, expect

from bearer_tokens.token_calls import bearer
from tests.browser.test_work import tampered
from tests.neighbours.chromium import (
    HEIGHT,
    in_each_layout,
    is_well_made,
    log_in,
    open_tab,
    picture,
)
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import events, meter_config
from tests.system.park import Park, until

# As long as serial numbers are.
METER, OTHER = "VIEWS-1ISK0071234567", "OTHER-1"
AREA: Final = "VIEWS"
OUT: Final = tuple(f"OUT-OF-POWER-{number:02}" for number in range(12))
POWER_LOST, TAMPERED = "3.26.0.85", "3.12.43.257"
ORDERED_ONCE: Final = str(uuid.uuid4())
ROWS: Final = (("VIEWS-2", "north"), (METER, "north"), ("VIEWS-3", ""))
# One row is good, one known already, one is refused.
SHIPMENT: Final = "\r\n".join(
    ["serial;model;network;lot", *(f"{one};E450;{net};L-7" for one, net in ROWS), ""]
)


# What each view says of a park in which there is nothing.
EMPTY: Final = {
    "/": "The park is empty: no device has been heard of yet.",
    "/devices": "There are no devices yet",
    "/map": "There are no devices yet",
    "/alarms": "No alarm needs attention",
    "/jobs": "There are no jobs yet",
    "/intake/imports": "No file yet",
}
# Names and states, which are read whole at the smallest width of each layout.
READ_WHOLE: Final = {
    "devices": "[role=row] [role=gridcell]:nth-child(-n+3), [role=row] [role=gridcell] a",
    "alarms": "ul.alarms > li .what a, ul.alarms > li .state mp-state, ul.alarms > li > mp-state",
    "device": "h1, mp-facet-cards li",
}
_CUT: Final = """(parts) => parts.slice(0, 30).filter((one) => {
  const { left, right } = one.getBoundingClientRect();
  return left < 0 || right > innerWidth || (one.clientWidth && one.scrollWidth > one.clientWidth + 1);
}).map((one) => one.textContent)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the views are about, by the ids in their addresses."""

    outage: str
    job: str
    shipment: str

    def views(self) -> dict[str, tuple[str, str]]:
        """Return each view, and a heading or text by which it is there."""
        return {
            "today": ("/", "Needs attention"),
            "devices": ("/devices?begins=VIEWS-1", "1 device"),
            "devices-chosen": (
                f"/devices?chosen=north/{METER}&chosen=north/{OTHER}",
                "Compare the two",
            ),
            "device": (f"/devices/north/{METER}", "Timeline"),
            "compare": (f"/compare?a=north/{METER}&b=north/{OTHER}", "Common timeline"),
            "compare-same": (
                f"/compare?a=north/{METER}&b=north/{METER}",
                "Both are the same device",
            ),
            "compare-with": (f"/compare?a=north/{METER}", "Second device"),
            "no-right": ("/audit", "needs the role auditor"),
            "alarms": ("/alarms", "Choose all shown"),
            "alarm-of-an-area": (f"/alarms/{self.outage}", OUT[-1]),
            "no-alarm": ("/alarms/north/no-such-alarm", "There is no such alarm"),
            "alarm-load": ("/alarms/load?days=7", "Alarms per day and person"),
            "jobs": ("/jobs", f"with {AREA.lower()}"),
            "job": (f"/jobs/{self.job}", "Results per device"),
            "map": ("/map?begins=VIEWS-1", "Only what is in view"),
            "map-of-nothing": ("/map?begins=NO-SUCH-METER", "No device fits this filter"),
            "imports": ("/intake/imports", "views.csv"),
            "import": (f"/intake/imports/{self.shipment}", "3 rows"),
            "nothing-found": ("/devices?begins=NO-SUCH-METER", "No device fits this filter"),
            "unknown-device": ("/devices/north/NO-SUCH-METER", "does not hold this device"),
            "no-view": ("/no/such/view", "There is no such view"),
        }


async def seen(park: Park, keycloak: Keycloak) -> Seen:
    """Make what the views show; however often, it is made once."""
    now = datetime.now(UTC)
    await park.publish(
        meter_config(METER, "IN_OPERATION", place=(46.948, 7.4474)),
        meter_config(OTHER, "IN_OPERATION"),
        events((METER, TAMPERED, now)),
        *(meter_config(serial, "IN_OPERATION", area=AREA) for serial in OUT),
    )
    await until(lambda: park.device(f"north/{METER}"), lambda each: each.tamper.value == "DETECTED")
    await until(lambda: park.device(f"north/{OUT[-1]}"), lambda each: each.area == AREA)
    await park.publish(events(*((serial, POWER_LOST, now) for serial in OUT)))
    anna = (*park.to_register, *bearer(await keycloak.person_token("anna")))
    return Seen(
        outage=await _outage(park, anna),
        job=await _job(park, anna),
        shipment=await _shipment(park, anna),
    )


async def _outage(park: Park, anna: Any) -> str:
    stub: Any = AlarmServiceStub(park.channel)
    asked = alarm_service_pb2.ListAlarmsRequest(
        filter=alarm_service_pb2.AlarmFilter(areas=[AREA], rules=["area-outage"])
    )

    async def listed() -> list[alarm_service_pb2.Alarm]:
        return list((await stub.ListAlarms(asked, metadata=anna)).alarms)

    return (await until(listed, bool))[0].alarm_id


async def _job(park: Park, anna: Any) -> str:
    stub: Any = JobServiceStub(park.channel)
    create = job_service_pb2.CreateJobRequest(
        request_id=ORDERED_ONCE,
        selection=job_service_pb2.DeviceSelection(device_ids=[f"north/{METER}", f"north/{OTHER}"]),
        action=job_service_pb2.JobAction(tag=job_service_pb2.TagAction(add=[AREA.lower()])),
    )
    job_id = str((await stub.CreateJob(create, metadata=anna)).job.job_id)

    async def state() -> int:
        get = job_service_pb2.GetJobRequest(job_id=job_id)
        return int((await stub.GetJob(get, metadata=anna)).job.state)

    await until(state, lambda now: now == job_service_pb2.JOB_STATE_DONE)
    return job_id


async def _shipment(park: Park, anna: Any) -> str:
    stub: Any = ImportServiceStub(park.channel)
    create = import_service_pb2.CreateImportRequest(request_id=ORDERED_ONCE, file_name="views.csv")
    created = (await stub.CreateImport(create, metadata=anna)).shipment_import
    import_id = str(created.import_id)
    if created.state == import_service_pb2.IMPORT_STATE_UPLOADING:
        append = import_service_pb2.AppendImportChunkRequest(
            import_id=import_id, content=SHIPMENT.encode()
        )
        await stub.AppendImportChunk(append, metadata=anna)
        await stub.CheckImport(
            import_service_pb2.CheckImportRequest(import_id=import_id), metadata=anna
        )

    async def state() -> int:
        get = import_service_pb2.GetImportRequest(import_id=import_id)
        return int((await stub.GetImport(get, metadata=anna)).shipment_import.state)

    await until(state, lambda now: now == import_service_pb2.IMPORT_STATE_CHECKED)
    return import_id


async def still(page: Page) -> None:
    """Wait until no question of the view is under way any more, streams apart."""
    await expect(page.locator(".waiting, .skeleton, .chart-waiting")).to_have_count(0)


async def test_every_view_is_clean_for_axe_and_fits_its_width(
    park: Park, chromium: Browser, keycloak: Keycloak, pictures: Path
) -> None:
    views = (await seen(park, keycloak)).views()
    home = park.stack.description["bff"]["url"]

    async def look(widths: tuple[int, ...]) -> None:
        async with open_tab(chromium, home, width=widths[0]) as tab:
            await log_in(tab, keycloak, "anna")
            for name, (path, text) in views.items():
                await tab.page.set_viewport_size({"width": widths[0], "height": HEIGHT})
                await tab.open(path)
                await expect(tab.page.get_by_text(text).first).to_be_visible()
                await still(tab.page)
                await is_well_made(tab, pictures, name, widths)
                # At the smallest width of the layout, at which the view is now.
                if parts := READ_WHOLE.get(name):
                    read = tab.page.locator(parts)
                    await expect(read.first).to_be_visible()
                    assert await read.evaluate_all(_CUT) == [], name
            assert tab.complaints == []

    await in_each_layout(look)


async def test_the_page_speaks_german_to_who_reads_german(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await tampered(park, "GERMAN-1")
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home, language="de-CH") as tab:
        await tab.open("/devices")
        await tab.page.wait_for_url("**/realms/**")
        await tab.page.locator("#username").fill("anna")
        await tab.page.locator("#password").fill(keycloak.password("anna"))
        await tab.page.locator("#kc-login").click()
        await expect(tab.page.get_by_role("heading", name="Geräte")).to_be_visible()
        assert await tab.page.evaluate("document.documentElement.lang") == "de"
        # What the services say in English, too: kinds of entries, causes, alarms.
        await tab.open("/devices/north/GERMAN-1")
        timeline = tab.page.locator("mp-timeline")
        for said in ("Zum ersten Mal gehört", "Konfiguriert: ", "Manipulation entdeckt ("):
            await expect(timeline.get_by_text(said).first).to_be_visible()
        await expect(timeline.get_by_text("Alarm eröffnet: Manipulation: Entdeckt")).to_be_visible()


@pytest.fixture
async def newcomer(keycloak: Keycloak) -> AsyncIterator[str]:
    """A viewer of a network in which there is nothing yet."""
    [found] = await keycloak.admin("GET", "/users?username=victor&exact=true")
    path = f"/users/{found['id']}"
    victor = await keycloak.admin("GET", path)
    await keycloak.admin("PUT", path, {**victor, "attributes": {"networks": ["nowhere"]}})
    yield "victor"
    await keycloak.admin("PUT", path, victor)


async def test_a_park_without_devices_is_told_from_one_of_which_nothing_fits(
    park: Park, chromium: Browser, keycloak: Keycloak, pictures: Path, newcomer: str
) -> None:
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home) as tab:
        await log_in(tab, keycloak, newcomer)
        for path, text in EMPTY.items():
            await tab.open(path)
            await expect(tab.page.get_by_text(text).first, path).to_be_visible()
            await still(tab.page)
            await expect(tab.page.get_by_role("button", name="Clear the filter")).to_have_count(0)
            await picture(
                tab, pictures, f"empty-{path[1:].replace('/', '-') or 'today'}-1440-light"
            )
        assert await tab.axe() == []
        assert tab.complaints == []
