"""What is proved of the charts, one step after the other."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from playwright.async_api import expect

from deploy.cluster.cluster import is_ready
from deploy.cluster.park import park_release
from deploy.cluster.secrets_of_park import PARK
from tests.browser.guide import small
from tests.cluster.denials import tried
from tests.cluster.stream import nothing_lost_in
from tests.cluster.world import World
from tests.neighbours.browser import open_browser
from tests.neighbours.chromium import log_in, open_chromium, open_tab
from tests.system.messages import meter_config
from tests.system.park import until

Tell = Callable[[str], None]
# What a release may leave: Secrets are the person's, the rest is every namespace's own.
_OF_A_NAMESPACE = frozenset({"serviceaccount/default", "configmap/kube-root-ca.crt"})
_KINDS = (
    "pods,deployments,replicasets,statefulsets,services,serviceaccounts,configmaps,"
    "poddisruptionbudgets,networkpolicies,jobs,"
    "components.dapr.io,configurations.dapr.io,resiliencies.dapr.io"
)


@dataclass(slots=True, kw_only=True)
class Found:
    """What the last line says."""

    pods: int = 0
    denied: int = 0
    allowed: int = 0
    killed: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"pods {self.pods}, denied {self.denied} (and {self.allowed} allowed), killed {self.killed}, "
            f"lost {self.lost}, wrong {len(self.wrong)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    world: World
    # Values that the release was installed with.
    values: Sequence[str]
    found: Found
    tell: Tell


Step = Callable[[Run], Awaitable[None]]


async def every_pod_is_ready(run: Run) -> None:
    await run.world.until_rolled_out()
    pods = await run.world.pods()
    for pod in pods:
        if not is_ready(pod):
            run.found.wrong.append(f"{pod['metadata']['name']} is not ready")
    run.found.pods = len(pods)
    run.tell(f"{len(pods)} pods are ready")


async def a_report_travels(run: Run) -> None:
    """From the broker through connector and hub into the register."""
    park = run.world.park
    await park.publish(meter_config("CLUSTER-1", "INVENTORY"))
    await until(
        partial(park.device, "north/CLUSTER-1"), lambda seen: seen.lifecycle.value == "INVENTORY"
    )
    run.tell("a report travelled from the broker into the register")


async def the_simulated_park_moves(run: Run) -> None:
    """What the simulator's pod publishes appears in the register."""
    park = run.world.park
    before = await until(partial(park.all_devices, ""), bool)
    revisions = sum(device.revision for device in before.values())
    await until(
        partial(park.all_devices, ""),
        lambda seen: sum(device.revision for device in seen.values()) > revisions,
    )
    run.tell(f"the simulated park moves: {len(before)} devices so far")


async def a_person_logs_in(run: Run) -> None:
    async with open_browser(run.world.page, run.world.keycloak) as browser:
        page = await browser.get("/")
        assert page.status == 200, page.text
        await browser.log_in("anna")
        answer = await browser.ask("query Who { viewer { username } }")
        assert answer.document == {"data": {"viewer": {"username": "anna"}}}, answer.text
    run.tell("a person logged in, and page and graph answered")


async def the_page_shows_the_park(run: Run) -> None:
    """In a real browser. `METERPARK_PICTURES` names a folder for a picture of what it shows."""
    async with open_chromium() as chromium, open_tab(chromium, run.world.page, width=1280) as tab:
        await tab.page.set_viewport_size({"width": 1280, "height": 800})
        await log_in(tab, run.world.keycloak, "anna")
        await expect(tab.page.get_by_text("Slowest feed")).to_be_visible()
        await expect(tab.page.locator(".waiting, .skeleton, .chart-waiting")).to_have_count(0)
        if folder := os.environ.get("METERPARK_PICTURES"):
            picture = small(await tab.page.screenshot(animations="disabled"))
            (Path(folder) / "cluster.png").write_bytes(picture)
        assert tab.complaints == []
    run.tell("the page shows the park")


async def calls_are_denied(run: Run) -> None:
    async for one in tried(run.world):
        if not one.fine:
            run.found.wrong.append(f"{one.what}: {one.said}")
        if one.denied:
            run.found.denied += 1
        else:
            run.found.allowed += 1
    run.tell(f"{run.found.denied} calls were denied, {run.found.allowed} were not")


async def every_pod_is_killed(run: Run) -> None:
    world = run.world
    async with nothing_lost_in(world, seed=7001, devices=120, devices_per_second=2):
        for app in await world.deployments():
            [pod, *_] = [
                pod["metadata"]["name"]
                for pod in await world.pods()
                if pod["metadata"]["labels"]["app.kubernetes.io/name"] == app
            ]
            await world.kubectl(*("-n", PARK, "delete", "pod", pod, "--grace-period=0", "--force"))
            await world.until_rolled_out()
            run.found.killed += 1
            run.tell(f"{app} was killed and is back")
    run.tell("killed pods lost nothing")


async def an_upgrade_and_a_rollback_lose_nothing(run: Run) -> None:
    async with nothing_lost_in(run.world, seed=7002, devices=90, devices_per_second=2):
        # Every pod is made anew.
        changed = "sidecars.resources.requests.cpu=21m,router.resources.requests.cpu=51m"
        await _release(run, "--set", changed)
        run.tell("upgraded")
        await asyncio.to_thread(
            run.world.cluster.helm, "rollback", "park", "-n", PARK, "--wait", "--timeout", "12m"
        )
        run.tell("rolled back")
    run.tell("upgrade and rollback lost nothing")


async def three_hubs_and_one_again_lose_nothing(run: Run) -> None:
    async with nothing_lost_in(run.world, seed=7003, devices=90, devices_per_second=2):
        await _release(run, "--set", "deviceHub.replicas=3")
        run.tell("three hubs")
        await _release(run, "--set", "deviceHub.replicas=1")
        run.tell("one hub")
    run.tell("scaling the hub lost nothing")


async def an_uninstall_leaves_nothing(run: Run) -> None:
    world = run.world
    await asyncio.to_thread(
        world.cluster.helm, "uninstall", "park", "-n", PARK, "--wait", "--timeout", "5m"
    )
    await world.kubectl(
        *("-n", PARK, "wait", "--for=delete", "pod", "--all", "--timeout=120s"), seconds=130
    )
    left = (await world.kubectl("-n", PARK, "get", _KINDS, "-o", "name")).split()
    more = sorted(set(left) - _OF_A_NAMESPACE - {"configmap/dapr-trust-bundle"})
    if more:
        run.found.wrong.append(f"the uninstalled release left {', '.join(more)}")
    run.tell("an uninstall leaves nothing but the Secrets")


async def _release(run: Run, *more: str) -> None:
    words = park_release("upgrade", values=[*run.values, *more])
    await asyncio.to_thread(run.world.cluster.helm, *words)


STEPS: dict[str, Step] = {
    step.__name__: step
    for step in (
        every_pod_is_ready,
        a_report_travels,
        the_simulated_park_moves,
        a_person_logs_in,
        the_page_shows_the_park,
        calls_are_denied,
        every_pod_is_killed,
        an_upgrade_and_a_rollback_lose_nothing,
        three_hubs_and_one_again_lose_nothing,
        an_uninstall_leaves_nothing,
    )
}
