"""`make up WITH=observability`: Prometheus reads everything, has what its rules ask for, and sees what goes away."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest
import yaml
from meterpark.device_hub.v1.device_hub_service_pb2 import GetDeviceRequest
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub

from deploy.local.facts.settings import StackSettings
from deploy.local.processes.dashboards import read_dashboards
from jms_transport import Destination, OutgoingMessage
from tests.neighbours.data_folder import data_folder
from tests.neighbours.prometheus import Prometheus
from tests.neighbours.stack import RunningStack
from tests.system.messages import NOON, events, meter_config
from tests.system.park import DESTINATION, connect_as_hes

RULES = Path(__file__).parents[2] / "deploy" / "observability" / "rules.yaml"
METRIC = re.compile(r"\b(?:meterpark|messaging|process|rpc|db|http|dapr)_[a-z0-9_]+")
PATIENCE_SECONDS = 120

pytestmark = pytest.mark.timeout(600)


@asynccontextmanager
async def observed() -> AsyncIterator[tuple[RunningStack, Prometheus]]:
    """A stack with Prometheus."""
    folder = data_folder()
    settings = StackSettings(
        stack="observed", port_base=None, simulator=False, mongodb_tls=False, observability=True
    )
    stack = await asyncio.to_thread(RunningStack.started, folder, os.environ, settings=settings)
    try:
        async with aiohttp.ClientSession() as session:
            yield stack, Prometheus(session, stack.description["prometheus"]["url"])
    finally:
        left = await asyncio.to_thread(stack.stop)
        shutil.rmtree(folder)
    assert left == []


async def let_everything_happen(stack: RunningStack) -> None:
    """Do once what the rules are about: a report, an alarm, a message that nobody can read, a denial, a question."""
    hes = await connect_as_hes(stack)
    for body in (
        meter_config("OB-1", "IN_OPERATION"),
        events(("OB-1", "3.12.29.212", NOON)),
        "<EventMessage><broken OB-broken",
    ):
        await hes.send(Destination.parse(DESTINATION), OutgoingMessage(body=body))
    await hes.close()
    async with grpc.aio.insecure_channel(stack.sidecar_address("meterpark-cli")) as channel:
        stub: Any = DeviceHubServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as denied:
            await stub.GetDevice(
                GetDeviceRequest(device_id="north/OB-1"),
                metadata=stack.call_metadata("meterpark-cli", "device-hub"),
            )
        assert denied.value.code() is grpc.StatusCode.UNAUTHENTICATED
    async with (
        aiohttp.ClientSession() as program,
        program.post(
            f"{stack.description['bff']['url']}/graphql", json={"query": "{ __typename }"}
        ) as answer,
    ):
        assert answer.status == 200


async def test_prometheus_reads_all_has_what_its_rules_name_and_raises_alerts() -> None:
    async with observed() as (stack, prometheus):
        found = await prometheus.until(
            "targets",
            lambda now: all(one["health"] == "up" for one in now["activeTargets"]),
        )
        jobs = [one["labels"]["job"] for one in found["activeTargets"]]
        assert {job: jobs.count(job) for job in jobs} == {
            "meterpark": 4,
            "dapr-sidecar": 5,
            "dapr-control-plane": 3,
            "prometheus": 1,
        }

        await let_everything_happen(stack)
        rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
        expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
        named = {
            name
            for expression in expressions
            for name in METRIC.findall(re.sub(r"\{[^}]*\}|\bby\s*\([^)]*\)", "", expression))
        }
        for name in sorted(named):
            await prometheus.until("query", lambda now: now["result"], query=name)
        for dashboard, panels in read_dashboards().items():
            shown = await prometheus.text(f"/consoles/{dashboard}.html")
            assert shown.count("new PromConsole.Graph") == len(panels)
            for panel in panels:
                await prometheus.until("query", lambda now: now["result"], query=panel.ask)
        taken = await prometheus.get("rules")
        judged = [rule for group in taken["groups"] for rule in group["rules"]]
        assert len(judged) == len(expressions)
        assert [rule["name"] for rule in judged if rule.get("lastError")] == []

        # The places that the handbook names are there, with their scripts.
        for place in ("graph", "targets", "alerts"):
            assert "Prometheus" in await prometheus.text(f"/classic/{place}")
        for page in ("/classic/graph", "/consoles/flow.html"):
            files = re.findall(
                r'(?:src|href)="(/classic/static/[^"]+)"', await prometheus.text(page)
            )
            assert files
            for file in files:
                await prometheus.text(file)

        await asyncio.to_thread(stack.stop_process, "bff")
        raised = await prometheus.until(
            "alerts",
            lambda now: any(one["labels"]["alertname"] == "ServiceAway" for one in now["alerts"]),
        )
        [away] = [one for one in raised["alerts"] if one["labels"]["alertname"] == "ServiceAway"]
        assert away["labels"]["service"] == "bff"
