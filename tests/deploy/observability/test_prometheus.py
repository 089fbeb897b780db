"""Prometheus as `make up WITH=observability` starts it, beside a connector: it reads, shows, and sees what is away."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from deploy.local.facts.ports import PROMETHEUS, WELL_KNOWN, metrics_of
from deploy.local.facts.secret_files import write_private
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.dapr import NO_METRICS, metrics_flags
from deploy.local.processes.dashboards import read_dashboards, write_dashboards
from deploy.local.processes.prometheus import RULES, prometheus_configuration, prometheus_plan
from deploy.runtime.paths import Runtime, RuntimeMissing, installed_promtool
from tests.adapters.test_progress_health import UNREACHABLE, running
from tests.neighbours.ports import free_ports
from tests.neighbours.process import start
from tests.neighbours.prometheus import Prometheus

ROOT = Path(__file__).parents[3]
CONNECTOR = "iec-connector"


def facts_of(folder: Path, *, observability: bool = True) -> StackFacts:
    """What a start would know; of the runtime, Prometheus alone is there."""
    missing = {field.name: folder / field.name for field in fields(Runtime)}
    # promtool lies in <folder>/usr/bin.
    brought = installed_promtool(os.environ).parents[2]
    return StackFacts(
        settings=StackSettings(observability=observability),
        runtime=Runtime(**{**missing, "prometheus": brought}),
        state=StateDirectory(root=folder),
        ports=dict(zip(WELL_KNOWN, free_ports(len(WELL_KNOWN)), strict=True)),
        environment={},
    )


@asynccontextmanager
async def started(facts: StackFacts, folder: Path) -> AsyncIterator[Prometheus]:
    """Prometheus by its plan, with the files that a start prepares."""
    write_private(facts.state.prometheus_configuration, prometheus_configuration(facts))
    write_dashboards(facts.state.prometheus_dashboards)
    [plan] = prometheus_plan(facts)
    process = start(
        PROMETHEUS,
        list(plan.command),
        folder=folder,
        cwd=folder,
        environment={"PATH": os.environ["PATH"]},
    )
    try:
        async with aiohttp.ClientSession() as session:
            prometheus = Prometheus(session, f"http://127.0.0.1:{facts.ports[PROMETHEUS]}")
            await prometheus.until_ready()
            yield prometheus
    except Exception as error:
        raise process.failure("did not do as it should") from error
    finally:
        process.kill()


def raised(answer: Any, alert: str) -> set[str]:
    """Return the services about which an alert stands."""
    return {
        one["labels"]["service"]
        for one in answer["alerts"]
        if one["labels"]["alertname"] == alert and "service" in one["labels"]
    }


async def test_it_reads_a_service_that_is_there_and_raises_an_alert_about_those_that_are_not(
    tmp_path: Path,
) -> None:
    facts = facts_of(tmp_path)
    configuration = tmp_path / "connector.yaml"
    configuration.write_text(UNREACHABLE)
    settings = {
        "IEC_CONNECTOR_CONFIG": str(configuration),
        "IEC_CONNECTOR_GRPC_PORT": str(facts.ports[CONNECTOR]),
        "IEC_CONNECTOR_METRICS_PORT": str(facts.ports[metrics_of(CONNECTOR)]),
    }
    with running(tmp_path, "iec_connector", settings):
        async with started(facts, tmp_path) as prometheus:
            await prometheus.until(
                "query", lambda now: now["result"], query=f'up{{service="{CONNECTOR}"}} == 1'
            )
            # The broker of this connector is nobody.
            hops = await prometheus.until(
                "query",
                lambda now: now["result"],
                query='meterpark_source_connected{source="hes"} == 0',
            )
            assert [one["metric"]["service"] for one in hops["result"]] == [CONNECTOR]
            # Each service is read in its turn: an alert may stand before the first reading, and ends with it.
            await prometheus.until(
                "alerts",
                lambda now: raised(now, "ServiceAway") == {"device-hub", "smoc-service", "bff"},
            )
            await prometheus.until("alerts", lambda now: raised(now, "BrokerNotConnected"))
            taken = await prometheus.get("rules")
    judged = [rule for group in taken["groups"] for rule in group["rules"]]
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    assert len(judged) == sum(len(group["rules"]) for group in groups)
    assert [rule["name"] for rule in judged if rule.get("lastError")] == []


async def test_every_dashboard_and_every_place_of_the_handbook_is_there_with_its_scripts(
    tmp_path: Path,
) -> None:
    async with started(facts_of(tmp_path), tmp_path) as prometheus:
        places = [f"/classic/{place}" for place in ("graph", "targets", "alerts")]
        for dashboard, panels in read_dashboards().items():
            place = f"/consoles/{dashboard}.html"
            places.append(place)
            shown = await prometheus.text(place)
            assert shown.count("new PromConsole.Graph") == len(panels)
            for panel in panels:
                # Nothing is read here: it is asked whether Prometheus understands the question.
                await prometheus.get("query", query=panel.ask)
        for place in places:
            page = await prometheus.text(place)
            files = re.findall(r'(?:src|href)="(/classic/static/[^"]+)"', page)
            assert files
            for file in files:
                await prometheus.text(file)


def test_it_asks_every_service_and_every_program_of_dapr_at_a_port_of_its_own(
    tmp_path: Path,
) -> None:
    facts = facts_of(tmp_path)
    read = yaml.safe_load(prometheus_configuration(facts))
    asked = {
        job["job_name"]: [target for one in job["static_configs"] for target in one["targets"]]
        for job in read["scrape_configs"]
    }
    assert {job: len(targets) for job, targets in asked.items()} == {
        "meterpark": 4,
        "dapr-control-plane": 3,
        "dapr-sidecar": 5,
        "prometheus": 1,
    }
    every = [target for targets in asked.values() for target in targets]
    assert len(every) == len(set(every))
    told = metrics_flags("sentry", facts)
    assert f"127.0.0.1:{told[told.index('--metrics-port') + 1]}" in asked["dapr-control-plane"]


def test_without_it_dapr_tells_nothing_and_no_process_is_added(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, observability=False)
    assert prometheus_plan(facts) == []
    assert metrics_flags("sentry", facts) == NO_METRICS


def test_a_start_that_lacks_it_says_what_to_run(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    without = Runtime(
        **{field.name: getattr(facts.runtime, field.name) for field in fields(Runtime)}
        | {"prometheus": None}
    )
    lacking = StackFacts(
        settings=facts.settings,
        runtime=without,
        state=facts.state,
        ports=facts.ports,
        environment={},
    )
    with pytest.raises(RuntimeMissing, match="make runtime WITH=observability"):
        prometheus_plan(lacking)
