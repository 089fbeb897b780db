"""``meterpark journal verify``: every history is without a hole, and counts each report once."""

from collections.abc import Sequence

from meterpark.device_hub.v1.device_hub_service_pb2 import HistoryEntry
from meterpark.smoc.v1.device_pb2 import Device

from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.devices.through import through_devices
from meterpark_cli.failures import ExitCode
from meterpark_cli.journal.reading import commits_of
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import open_park
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.rendering import console, now_here, show, words


async def verify_journal(asking: Asking, conditions: Conditions) -> ExitCode:
    """Look at each commit of the devices that fit; the answer is no when something is wrong with one."""
    devices = commits = 0
    wrong: list[tuple[str, str]] = []
    target = console()
    async with open_park(asking) as park:

        async def look(device: Device) -> tuple[str, Sequence[HistoryEntry]]:
            return device.device_id, await commits_of(park, device.device_id)

        async for device_id, history in through_devices(park, conditions.filter(now_here()), look):
            devices += 1
            commits += len(history)
            for problem in problems_of(history):
                wrong.append((device_id, problem))
                if not asking.as_json:
                    show(target, words(f"{device_id}: {problem}", "bold red"))
    if asking.as_json:
        problems = [{"device_id": device_id, "problem": problem} for device_id, problem in wrong]
        print_document({"devices": devices, "commits": commits, "problems": problems})
    elif not wrong:
        show(target, words(f"{devices:,} devices, {commits:,} commits: no hole, no report twice"))
    return ExitCode.ANSWER_IS_NO if wrong else ExitCode.FINE


def problems_of(history: Sequence[HistoryEntry]) -> list[str]:
    """Return what is wrong with a device's commits, in words."""
    if not history:
        return ["the register knows it, the journal does not"]
    problems = []
    for before, commit in zip([None, *history], history, strict=False):
        expected = before.revision + 1 if before else 1
        if commit.revision != expected:
            problems.append(f"revision {commit.revision} where {expected} should be")
    seen: set[str] = set()
    for commit in history:
        if commit.report_id in seen:
            problems.append(f"report {commit.report_id} counts again in revision {commit.revision}")
        seen.add(commit.report_id)
    return problems
