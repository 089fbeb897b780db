"""The hub's tokens live for 5 seconds in these tests, and nobody notices."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from tests.neighbours.keycloak import Keycloak
from tests.system.messages import NOON, events
from tests.system.park import Park, hes_settings, run_program, until

LIFE_SECONDS = 5
_LEEWAY_SECONDS = 2
_PROVISIONING = "ProvisioningService"


def lines(park: Park, process: str) -> list[dict[str, Any]]:
    """Return what a service has logged until now; the last line may not be whole yet."""
    logged = park.stack.log(process).read_text(errors="replace").splitlines()
    return [json.loads(line) for line in logged if line.startswith("{") and line.endswith("}")]


def renewals(logged: list[dict[str, Any]]) -> int:
    return sum(line["event"] == "service token renewed" for line in logged)


def of_tokens(logged: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines that should not be there when all is well: denied, not renewed, refused at the register."""
    return [
        line
        for line in logged
        if line["event"].startswith(("denied", "service token not renewed", "register refuses"))
        or (line["event"] == "call denied" and _PROVISIONING in line["method"])
    ]


async def test_the_chain_runs_over_many_tokens_without_an_error(park: Park, tmp_path: Path) -> None:
    before = {process: len(lines(park, process)) for process in ("device-hub", "smoc-service")}
    # The simulator sends for some forty seconds: eight lives of a token.
    sent = await run_program(
        *("hes_simulator", "rollout", "--devices", "40", "--rate", "1", "--speed-up", "600"),
        *("--seed", "5005", "--ledger", str(tmp_path / "ledger")),
        settings=hes_settings(park.stack),
    )
    assert sent.code == 0, sent.err
    await park.publish(events(("TK-END", "3.26.0.85", NOON)))
    await until(lambda: park.device("north/TK-END"), lambda seen: seen.power.value == "OFF")
    hub, smoc = (lines(park, process)[count:] for process, count in before.items())
    assert renewals(hub) >= 6
    assert of_tokens([*hub, *smoc]) == []
    # Nor was it ever denied while the tests before this one ran, for minutes, with such tokens.
    logged = park.stack.log("device-hub").read_text(errors="replace").splitlines()
    on_purpose = {number for part in park.stack.denied_on_purpose for number in part}
    denied = [
        line
        for number, line in enumerate(logged)
        if number not in on_purpose and '"event": "denied' in line
    ]
    assert denied == []


async def test_a_call_that_is_on_its_way_while_its_token_ends_succeeds(park: Park) -> None:
    await park.publish(events(("TK-1", "3.26.0.85", NOON)))
    await until(lambda: park.device("north/TK-1"), lambda seen: seen.power.value == "OFF")
    smoc = park.stack.pid("smoc-service")
    before = len(lines(park, "device-hub"))
    os.kill(smoc, signal.SIGSTOP)
    try:
        await park.publish(events(("TK-2", "3.26.0.85", NOON)))
        await until(lambda: park.journal("north/TK-2"), bool)
        over_at = time.monotonic() + LIFE_SECONDS + _LEEWAY_SECONDS + 1

        async def moment() -> float:
            return time.monotonic()

        await until(moment, lambda now: now > over_at)
    finally:
        os.kill(smoc, signal.SIGCONT)
    await until(lambda: park.device("north/TK-2"), lambda seen: seen.power.value == "OFF")
    assert of_tokens(lines(park, "device-hub")[before:]) == []


async def test_while_keycloak_is_away_reports_wait_and_none_is_lost(
    park: Park, keycloak: Keycloak
) -> None:
    before = len(lines(park, "device-hub"))
    sent = 0

    async def failures() -> list[dict[str, Any]]:
        # The token from before serves to its end, and is used only when there is something to provision.
        nonlocal sent
        await park.publish(events((f"TK-A{sent}", "3.26.0.85", NOON)))
        sent += 1
        hub = lines(park, "device-hub")[before:]
        return [line for line in hub if line["event"] == "service token not renewed"]

    park.stack.stop_process("keycloak")
    try:
        assert await until(failures, bool)
        # What is tried again is not written down each time.
        assert all("TK-A" not in str(line) for line in lines(park, "device-hub")[before:])
    finally:
        park.stack.start_process("keycloak")
        park.stack.wait_until_ready()
    for number in range(sent):
        await until(lambda n=number: park.device(f"north/TK-A{n}"), lambda seen: seen.revision > 0)  # type: ignore[misc]
    assert await keycloak.service_token("device-hub")


async def test_a_hub_that_lost_its_role_waits_and_goes_on_when_it_has_it_again(
    park: Park, keycloak: Keycloak
) -> None:
    client = await keycloak.client_id_of("device-hub")
    account = await keycloak.admin("GET", f"/clients/{client}/service-account-user")
    role = await keycloak.admin("GET", "/roles/device-provisioner")
    mapping = f"/users/{account['id']}/role-mappings/realm"
    before = {process: len(lines(park, process)) for process in ("device-hub", "smoc-service")}
    sent = 0

    async def denials() -> list[dict[str, Any]]:
        # A token from before still carries the role, and is used only when there is something to provision.
        nonlocal sent
        await park.publish(events((f"TK-D{sent}", "3.26.0.85", NOON)))
        sent += 1
        hub = lines(park, "device-hub")[before["device-hub"] :]
        return [line for line in hub if line["event"].startswith("denied")]

    await keycloak.admin("DELETE", mapping, [role])
    try:
        denied = await until(denials, lambda found: len(found) > 1)
    finally:
        await keycloak.admin("POST", mapping, [role])
    assert denied[0]["method"] == "ProvisionDevices"
    assert "lacks the role" in denied[0]["mend"]
    for number in range(sent):
        await until(lambda n=number: park.device(f"north/TK-D{n}"), lambda seen: seen.revision > 0)  # type: ignore[misc]
    hub, smoc = (lines(park, process)[count:] for process, count in before.items())
    told = [line for line in hub if line["event"].startswith("denied")]
    audited = [line for line in smoc if line["event"] == "call denied"]
    # One line on each side for each question: the batch once, then a probe now and then.
    assert len(told) <= len(audited) <= len(told) + 1
    assert {line["reason"] for line in audited} == {"ROLE_MISSING"}
