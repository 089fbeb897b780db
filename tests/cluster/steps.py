"""What is proved of the charts, one step after the other."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from playwright.async_api import expect

from deploy.cluster.cluster import is_ready
from deploy.cluster.kubernetes import ClusterFailed
from deploy.cluster.park import DAPR, park_release
from deploy.cluster.secrets_of_park import NEIGHBOURS, PARK, secret_values
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
# What shares its work among its pods, and how its values are called.
_SCALED: Final = {
    "device-hub": "deviceHub",
    "iec-connector": "iecConnector",
    "smoc-service": "smocService",
}
_KINDS = (
    "pods,deployments,replicasets,statefulsets,services,serviceaccounts,configmaps,"
    "poddisruptionbudgets,networkpolicies,jobs,"
    "components.dapr.io,configurations.dapr.io,resiliencies.dapr.io"
)


@dataclass(slots=True, kw_only=True)
class Found:
    """What the last line says."""

    pods: int = 0
    # By the lock that denied.
    denied: Counter[str] = field(default_factory=Counter)
    allowed: int = 0
    killed: int = 0
    told: int = 0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"pods {self.pods}, denied {self.denied.total()} ({_listed(self.denied)}; {self.allowed} allowed), "
            f"killed {self.killed}, {self.told} statements streamed and all arrived once, wrong {len(self.wrong)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    world: World
    # Values that the release was installed with.
    values: Sequence[str]
    found: Found
    tell: Tell


def app_of(pod: Mapping[str, Any]) -> str:
    return str(pod["metadata"]["labels"]["app.kubernetes.io/name"])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} by {what}" for what, count in sorted(counts.items()))


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
            run.found.denied[one.lock] += 1
        else:
            run.found.allowed += 1
    run.tell(f"calls denied: {_listed(run.found.denied)}; {run.found.allowed} were not")


async def every_pod_is_killed(run: Run) -> None:
    world = run.world
    async with nothing_lost_in(world, seed=7001, devices=150, devices_per_second=2) as stream:
        for app in await world.deployments():
            [pod, *_] = [
                pod["metadata"]["name"] for pod in await world.pods() if app_of(pod) == app
            ]
            await world.kubectl(*("-n", PARK, "delete", "pod", pod, "--grace-period=0", "--force"))
            await world.until_rolled_out()
            run.found.killed += 1
            run.tell(f"{app} was killed and is back")
    run.found.told += stream.told
    run.tell(f"killed pods lost nothing of {stream.in_words()}")


async def an_upgrade_and_a_rollback_lose_nothing(run: Run) -> None:
    async with nothing_lost_in(run.world, seed=7002, devices=120, devices_per_second=2) as stream:
        # Every pod is made anew.
        changed = "sidecars.resources.requests.cpu=21m,router.resources.requests.cpu=51m"
        await _release(run, "--set", changed)
        run.tell("upgraded")
        await asyncio.to_thread(
            run.world.cluster.helm, "rollback", "park", "-n", PARK, "--wait", "--timeout", "12m"
        )
        run.tell("rolled back")
    run.found.told += stream.told
    run.tell(f"upgrade and rollback lost nothing of {stream.in_words()}")


async def three_of_each_and_one_again_lose_nothing(run: Run) -> None:
    async with nothing_lost_in(run.world, seed=7003, devices=240, devices_per_second=2) as stream:
        for count in (3, 1):
            await _release(run, *(f"--set={value}.replicas={count}" for value in _SCALED.values()))
            apps = Counter(app_of(pod) for pod in await run.world.pods() if is_ready(pod))
            found = [apps[app] for app in _SCALED]
            assert found == [count] * len(_SCALED), apps
            run.tell(f"{count} of each of {', '.join(_SCALED)}")
            if count > 1:
                await _evictions_keep_to_the_budgets(run)
    run.found.told += stream.told
    run.tell(f"scaling lost nothing of {stream.in_words()}")


async def _evictions_keep_to_the_budgets(run: Run) -> None:
    """As whoever drains a node asks: one pod of each may go, and a second one only when the first is replaced."""
    for app in _SCALED:
        await until(partial(run.world.may_be_evicted, app), lambda count: count == 1)
        first, second, *_ = [
            pod["metadata"]["name"] for pod in await run.world.pods() if app_of(pod) == app
        ]
        await run.world.evict(first)
        try:
            await run.world.evict(second)
        except ClusterFailed as refused:
            assert "disruption budget" in str(refused), refused  # noqa: PT017 - any other refusal is a fault
        else:
            run.found.wrong.append(f"two pods of {app} were evicted at once")
        await run.world.until_rolled_out()
    run.tell("one pod of each was evicted, and a second one at once was refused")


async def no_secret_is_told(run: Run) -> None:
    """In what the charts made, and in what every container has logged so far."""
    cluster = run.world.cluster
    values = await asyncio.to_thread(secret_values, cluster)
    assert values
    for place, text in [one async for one in _told(run.world)]:
        for secret, value in values.items():
            if value in text:
                run.found.wrong.append(f"{place} holds {secret}")
    run.tell(f"none of {len(values)} secrets is in a manifest or a log")


async def _told(world: World) -> AsyncIterator[tuple[str, str]]:
    """Yield each text that somebody may read who may not read Secrets."""
    for release, namespace in (("park", PARK), ("neighbours", NEIGHBOURS)):
        said = ("get", "all", release, "-n", namespace)
        yield f"the release {release}", await asyncio.to_thread(world.cluster.helm, *said)
    for namespace in (PARK, NEIGHBOURS, DAPR):
        yield (
            f"the pods of {namespace}",
            await world.kubectl("-n", namespace, "get", "pods,configmaps,events", "-o", "yaml"),
        )
        for pod in (await world.kubectl("-n", namespace, "get", "pods", "-o", "name")).split():
            log = await world.kubectl("-n", namespace, "logs", pod, "--all-containers")
            yield f"the log of {pod}", log


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
        the_simulated_park_moves,
        a_person_logs_in,
        # Before a report that is months old: the page would begin with it.
        the_page_shows_the_park,
        a_report_travels,
        calls_are_denied,
        every_pod_is_killed,
        an_upgrade_and_a_rollback_lose_nothing,
        three_of_each_and_one_again_lose_nothing,
        no_secret_is_told,
        an_uninstall_leaves_nothing,
    )
}
