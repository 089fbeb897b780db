"""Connector, hub and register count the same, and it is what was sent."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from tests.neighbours.metrics import Scraped, scrape
from tests.neighbours.stack import RunningStack
from tests.system.messages import NOON, customer_news, events, linkage, meter_config
from tests.system.park import Park, until

LOST, RESTORED = "3.26.0.85", "3.26.0.216"
DEVICES = 7
VERDICTS = ("recorded", "unchanged", "refused", "postponed")
CONNECTOR, HUB, REGISTER = "iec-connector", "device-hub", "smoc-service"


async def told(stack: RunningStack) -> Mapping[str, Scraped]:
    """Return what each service tells now."""
    addresses = stack.description["metrics"]
    answers = await asyncio.gather(*(scrape(one["url"]) for one in addresses.values()))
    return dict(zip(addresses, answers, strict=True))


def is_quiet(seen: Mapping[str, Scraped]) -> bool:
    """Return whether nothing of earlier tests is under way any more."""
    return not any(
        seen[app].total("meterpark_hop_waiting", hop=hop)
        for app, hop in (
            *((CONNECTOR, hop) for hop in seen[CONNECTOR].labels("meterpark_hop_waiting", "hop")),
            (HUB, "reports"),
            (HUB, "journal to register"),
        )
    )


class Grown:
    """How much totals have grown since a moment."""

    def __init__(self, before: Mapping[str, Scraped], now: Mapping[str, Scraped]) -> None:
        self._before = before
        self._now = now

    def __call__(self, app: str, name: str, **labels: str) -> float:
        return self._now[app].total(name, **labels) - self._before[app].total(name, **labels)


async def test_connector_hub_and_register_count_what_was_sent(park: Park) -> None:
    before = await until(lambda: told(park.stack), is_quiet)
    names = [f"MX-{number}" for number in range(DEVICES)]
    await park.publish(
        *(meter_config(name, "INVENTORY") for name in names),
        linkage(names[0], "UP-MX"),
        # Two reports in one message.
        events((names[1], LOST, NOON), (names[1], RESTORED, NOON + timedelta(hours=1))),
        events((names[2], LOST, NOON), message_id="MX-once"),
        customer_news(names[3]),
    )
    read = DEVICES + 4
    reports, commits = read + 1, read

    async def grown() -> Grown:
        return Grown(before, await told(park.stack))

    await until(grown, lambda now: now(CONNECTOR, "meterpark_messages_settled_total") == read)
    # Once more, as the same message: it counts once.
    await park.publish(events((names[2], LOST, NOON), message_id="MX-once"))
    seen = await until(
        grown,
        lambda now: (
            now(CONNECTOR, "meterpark_messages_settled_total") == read + 1
            and now(HUB, "meterpark_follower_commits_total") >= commits
        ),
    )
    # The connector: what the broker delivered, and how it ended.
    assert seen(CONNECTOR, "messaging_client_consumed_messages_total") == read + 1
    assert seen(CONNECTOR, "meterpark_messages_settled_total", outcome="taken") == read
    assert seen(CONNECTOR, "meterpark_messages_settled_total", outcome="unreadable") == 1
    assert seen(CONNECTOR, "messaging_process_duration_seconds_count") == read + 1
    assert seen(CONNECTOR, "meterpark_reports_taken_total") == reports
    # The hub gave the verdicts that the connector got: one that is final for each report.
    verdicts = {word: seen(HUB, "meterpark_reports_total", verdict=word) for word in VERDICTS}
    assert sum(verdicts.values()) - verdicts["postponed"] == reports
    assert verdicts["refused"] == 0
    assert verdicts == {
        word: seen(CONNECTOR, "meterpark_verdicts_total", verdict=word) for word in VERDICTS
    }
    configurations = seen(HUB, "meterpark_reports_total", noun="MeterConfig", verdict="recorded")
    assert configurations == DEVICES
    assert seen(HUB, "meterpark_batch_reports_sum") == sum(verdicts.values())
    batches = seen(CONNECTOR, "meterpark_batch_reports_count")
    assert seen(HUB, "meterpark_batch_reports_count") == batches
    # The journal: one report came twice, and the sweeps may have their own commits.
    in_journal = [len(await park.journal(f"north/{name}")) for name in names]
    assert sum(in_journal) == commits
    assert seen(HUB, "meterpark_turns_duplicates_total") == 1
    assert seen(HUB, "meterpark_journal_commits_total") >= commits
    assert seen(HUB, "meterpark_journal_group_sum") >= commits
    assert seen(HUB, "db_client_operation_duration_seconds_count", error_type="") >= 1
    # The register: a device that changed twice may have come once.
    stored = seen(REGISTER, "meterpark_register_provisioned_total", outcome="stored")
    assert stored >= DEVICES
    assert seen(HUB, "meterpark_register_delay_seconds_count") >= 1
    calls = {
        "rpc_method": "meterpark.smoc.v1.ProvisioningService/ProvisionDevices",
        "rpc_response_status_code": "OK",
    }
    assert seen(REGISTER, "rpc_server_call_duration_seconds_count", **calls) >= 1
    loaded = await until(
        lambda: told(park.stack),
        lambda now: now[REGISTER].total("meterpark_devices", facet="lifecycle") >= DEVICES,
    )
    assert loaded[HUB].total("meterpark_devices_resident") >= 1


async def test_what_waits_for_a_person_is_told_by_its_reason_and_age(park: Park) -> None:
    broken = {"reason": "XML_MALFORMED"}
    quarantined = "meterpark_quarantine_messages"
    before = (await told(park.stack))[HUB].total(quarantined, state="open", **broken)
    await park.publish("<EventMessage><broken MX-broken")
    now = await until(
        lambda: told(park.stack),
        lambda seen: seen[HUB].total(quarantined, state="open", **broken) == before + 1,
    )
    assert now[HUB].total("meterpark_quarantine_age_seconds", **broken) > 0
