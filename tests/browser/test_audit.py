"""The auditor's view: who did what, and whether a device's history is whole."""

import uuid
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from meterpark.device_hub.v1.identity_service_pb2 import (
    IdentityConflict,
    ListIdentityConflictsRequest,
    ResolveIdentityConflictRequest,
)
from meterpark.device_hub.v1.identity_service_pb2_grpc import IdentityServiceStub
from meterpark.smoc.v1 import job_service_pb2
from meterpark.smoc.v1.device_service_pb2 import DeviceFilter
from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceStub
from playwright.async_api import Browser, expect

from bearer_tokens.token_calls import bearer
from tests.browser.test_work import known, tampered
from tests.neighbours.chromium import Tab, fill_in, log_in, open_tab, picture
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import customer_news, meter_config
from tests.system.park import Park, until


async def test_an_auditor_finds_who_acknowledged_an_alarm_and_the_address_keeps_it(
    park: Park, anna: Tab, chromium: Browser, keycloak: Keycloak, pictures: Path
) -> None:
    await tampered(park, "AUDIT-1")
    await anna.open("/alarms?severity=CRITICAL")
    alarm = anna.page.get_by_role("listitem").filter(has_text="AUDIT-1")
    await alarm.get_by_role("button", name="Acknowledge").click()
    dialog = anna.page.get_by_role("dialog")
    await dialog.get_by_label("Comment").fill("somebody goes there today")
    await dialog.get_by_role("button", name="Acknowledge").click()
    await expect(alarm).to_contain_text("Acknowledged")

    async with open_tab(chromium, anna.home) as audrey:
        await log_in(audrey, keycloak, "audrey", "/audit")
        await audrey.page.get_by_label("Device", exact=True).first.fill("north/AUDIT-1")
        await audrey.page.get_by_role("button", name="Search").click()
        deed = audrey.page.locator("mp-deeds ol > li:not(.waiting)")
        await expect(deed).to_have_count(1)
        await expect(deed).to_contain_text("anna acknowledged an alarm")
        await expect(deed).to_contain_text("somebody goes there today")
        await expect(deed).to_contain_text("● done")
        await audrey.page.reload()
        await expect(deed).to_contain_text("anna acknowledged an alarm")
        await audrey.page.get_by_role("button", name="Jobs").click()
        await expect(audrey.page.get_by_text("No deed fits this filter.")).to_be_visible()
        await audrey.page.get_by_role("button", name="Clear the filter").first.click()
        await expect(deed.first).to_be_visible()
        await picture(audrey, pictures, "audit-1440-light")
        assert await audrey.axe() == []
        await audrey.page.set_viewport_size({"width": 390, "height": 900})
        await picture(audrey, pictures, "audit-390-light")
        wide = await audrey.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"the audit is {wide} pixels wide"
        assert audrey.complaints == []


async def test_an_auditor_finds_who_decided_about_a_name_and_who_had_a_message_read_again(
    park: Park, chromium: Browser, keycloak: Keycloak, pictures: Path
) -> None:
    home = park.stack.description["bff"]["url"]
    # Two meters whose serial numbers differ in their letters' case alone.
    await park.publish(
        meter_config("AUDIT-TWIN", "IN_OPERATION"), meter_config("audit-twin", "IN_OPERATION")
    )
    identities: Any = IdentityServiceStub(park.channel)
    anna = (*park.to_hub, *bearer(await keycloak.person_token("anna")))

    async def twins() -> list[IdentityConflict]:
        asked = ListIdentityConflictsRequest(page_size=500)
        found = await identities.ListIdentityConflicts(asked, metadata=anna)
        return [each for each in found.conflicts if each.value.upper() == "AUDIT-TWIN"]

    [conflict] = await until(twins, lambda found: len(found) == 1)
    await identities.ResolveIdentityConflict(
        ResolveIdentityConflictRequest(
            conflict_id=conflict.conflict_id, reason="two meters, I was there"
        ),
        metadata=anna,
    )
    await park.publish(customer_news("audit one"))
    message = await until(lambda: park.quarantined(b"audit one"), lambda one: one is not None)
    assert message is not None
    async with open_tab(chromium, home) as ingrid:
        await log_in(ingrid, keycloak, "ingrid", f"/intake/quarantine/{message.quarantine_id}")
        await ingrid.page.get_by_role("button", name="Read again").click()
        await expect(ingrid.page.get_by_text("Asked for by")).to_be_visible()

    async with open_tab(chromium, home) as audrey:
        await log_in(audrey, keycloak, "audrey", "/audit")
        deeds = audrey.page.locator("mp-deeds ol > li:not(.waiting)")
        # The newest of both services stand in one list, in the order of time.
        await expect(deeds.nth(0)).to_contain_text("ingrid had messages read again: 1 message")
        await expect(deeds.nth(1)).to_contain_text("anna decided a conflict about a name")
        await picture(audrey, pictures, "audit-hub-1440-light")
        await deeds.nth(0).get_by_role("button").click()
        await expect(deeds).to_have_count(1)
        assert message.quarantine_id in audrey.page.url
        await audrey.page.get_by_role("button", name="Clear the filter").first.click()
        await audrey.page.get_by_role("button", name="Names and joins").click()
        await audrey.page.get_by_label("Device", exact=True).first.fill("north/AUDIT-TWIN")
        await audrey.page.get_by_role("button", name="Search").click()
        await expect(deeds).to_have_count(1)
        await expect(deeds).to_contain_text("dismissed")
        await expect(deeds).to_contain_text("two meters, I was there")
        for twin in ("north/AUDIT-TWIN", "north/audit-twin"):
            await expect(deeds.get_by_role("link", name=twin, exact=True)).to_be_visible()
        await expect(deeds).to_contain_text("● done")
        assert await audrey.axe() == []
        assert audrey.complaints == []


async def test_an_auditor_reads_what_a_job_was_ordered_to_do_in_words_of_each_language(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await known(park, "AUDIT-3")
    jobs: Any = JobServiceStub(park.channel)
    mark = job_service_pb2.MarkForExchangeAction(reason="seal broken")
    chosen = DeviceFilter(text_beginning="AUDIT-3", networks=["north"])
    order = job_service_pb2.CreateJobRequest(
        request_id=str(uuid.uuid4()),
        selection=job_service_pb2.DeviceSelection(filter=chosen),
        action=job_service_pb2.JobAction(mark_for_exchange=mark),
    )
    anna = (*park.to_register, *bearer(await keycloak.person_token("anna")))
    job_id = (await jobs.CreateJob(order, metadata=anna)).job.job_id
    home = park.stack.description["bff"]["url"]
    for language, said in (
        (
            "en",
            ("Order: Mark for exchange: Reason: seal broken", "begins with: AUDIT-3"),
        ),
        (
            "de",
            ("Befehl: Zum Austausch vormerken: Grund: seal broken", "beginnt mit: AUDIT-3"),
        ),
    ):
        async with open_tab(chromium, home, language=language) as audrey:
            await audrey.open(f"/audit?about={job_id}")
            await fill_in(audrey.page, keycloak, "audrey")
            deed = audrey.page.locator("mp-deeds ol > li:not(.waiting)")
            for text in said:
                await expect(deed).to_contain_text(text)
            await expect(deed).not_to_contain_text("{")
            assert audrey.complaints == []


async def test_an_auditor_checks_that_a_history_is_whole(
    park: Park, chromium: Browser, keycloak: Keycloak
) -> None:
    await known(park, "AUDIT-2")
    home = park.stack.description["bff"]["url"]
    async with open_tab(chromium, home, theme="dark") as audrey:
        await log_in(audrey, keycloak, "audrey", "/audit?of=north/AUDIT-2")
        await audrey.page.get_by_role("button", name="Check the history").click()
        verify = audrey.page.locator("mp-verify")
        await expect(verify.get_by_text("follow each other without a gap.")).to_be_visible()
        await expect(
            verify.locator("li.good", has_text="The register holds exactly")
        ).to_be_visible()
        await expect(verify.get_by_text("meterpark journal verify --sealed")).to_be_visible()
        await expect(verify.locator("li.bad")).to_have_count(0)
        assert await audrey.axe() == []
        # A time on the wall is one of the zone that is shown, whatever the machine's.
        await audrey.page.locator("summary", has_text="audrey").click()
        await audrey.page.get_by_label("Time zone").select_option("Europe/Zurich")
        await audrey.page.keyboard.press("Escape")
        await verify.get_by_label("As known at").fill("2026-03-01T01:00")
        await verify.get_by_role("link", name="Show what was known").click()
        await expect(
            audrey.page.get_by_text("It was not heard of before that time.")
        ).to_be_visible()
        assert "at=2026-03-01T00:00:00.000Z" in unquote(audrey.page.url)
        assert audrey.complaints == []
