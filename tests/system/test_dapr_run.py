"""`dapr run -f deploy/local/dapr.yaml`: the same apps, told in the same way, without the supervisor.

The Dapr CLI is not needed: what it makes of the file is repeated here as CLI 1.16.5 was seen to do
it on a machine where `dapr init` had been run.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from deploy.local.facts.ports import APPS, BFF, CALLERS, WELL_KNOWN
from deploy.local.processes.dapr import COMPONENTS, MAX_BODY, sidecar_name
from tests.neighbours.browser import open_browser
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start
from tests.neighbours.stack import RunningStack
from tests.system.messages import meter_config
from tests.system.park import Park, until
from tests.system.test_page import DEVICE, asked

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy" / "local" / "dapr.yaml"
TEMPLATE: dict[str, Any] = yaml.safe_load(FILE.read_text())
COMMON = TEMPLATE["common"]
BY_ID = {app["appID"]: app for app in TEMPLATE["apps"]}
SIDECAR_PORTS = {
    "daprHTTPPort": "http",
    "daprGRPCPort": "grpc",
    "daprInternalGRPCPort": "internal",
}

Start = Callable[[], dict[str, Process]]


def test_the_file_names_every_app_with_the_ports_and_policies_of_a_stack() -> None:
    assert set(BY_ID) == {*APPS, *CALLERS}
    assert COMMON["maxBodySize"] == MAX_BODY
    assert [_from_file(path) for path in COMMON["resourcesPaths"]] == [COMPONENTS / "resources"]
    for name, app in BY_ID.items():
        for key, kind in SIDECAR_PORTS.items():
            assert app[key] == WELL_KNOWN[f"{name}-sidecar-{kind}"]
        assert _configuration(app) == COMPONENTS / "configurations" / f"{name}.yaml"
        assert app.get("appPort") == (WELL_KNOWN[name] if name in APPS else None)


@pytest.fixture
def dapr_run(park: Park, tmp_path: Path) -> Iterator[Start]:
    """The stack with its neighbours only, as after `make up ONLY=neighbours`; all of it afterwards."""
    supervised = [*APPS, BFF, *(sidecar_name(name) for name in (*APPS, *CALLERS))]
    stack = park.stack
    for name in supervised:
        stack.stop_process(name)
    started: dict[str, Process] = {}

    def as_the_cli_does() -> dict[str, Process]:
        for app in TEMPLATE["apps"]:
            started.update(_start(app, stack, tmp_path))
        return started

    yield as_the_cli_does
    for process in reversed(started.values()):
        process.stop()
    for name in supervised:
        stack.start_process(name)
    stack.wait_until_ready()


async def test_apps_under_dapr_run_do_their_work_serve_the_page_and_listen_on_this_machine_only(
    dapr_run: Start, park: Park, keycloak: Keycloak
) -> None:
    started = dapr_run()
    await park.publish(meter_config("DR-1", "INVENTORY"))
    await until(lambda: park.device("north/DR-1"), lambda seen: seen.lifecycle.value == "INVENTORY")
    # Nobody waits for an app under `dapr run`: the report may have gone its way before the bff listens.
    bff_port = park.stack.description["ports"][BFF]
    await asyncio.to_thread(started[BFF].wait_for_page, bff_port, "/healthz")
    async with open_browser(park.stack.description["bff"]["url"], keycloak) as victor:
        await victor.log_in("victor")
        page = await victor.get("/devices")
        assert "<mp-page" in page.text
        shown = await asked(victor, DEVICE, id="north/DR-1")
        assert shown["data"]["device"] == {"deviceId": "north/DR-1", "network": "north"}
    for name, process in started.items():
        program = psutil.Process(process.pid)
        # daprd adds schedulers up: the one that `dapr run` takes for granted must not be among them.
        assert not any(":50006" in word for word in program.cmdline()), name
        for connection in program.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr[0] in {"127.0.0.1", "::ffff:127.0.0.1"}, name


def _from_file(path: str) -> Path:
    return (FILE.parent / path).resolve()


def _configuration(app: dict[str, Any]) -> Path:
    # Of an app's own paths only appDirPath is relative to the file.
    path: str = app["configFilePath"]
    return (_from_file(app["appDirPath"]) / path).resolve()


def _start(app: dict[str, Any], stack: RunningStack, logs: Path) -> dict[str, Process]:
    """Start sidecar and app as the CLI does, but on the ports of this stack."""
    name = app["appID"]
    ports = stack.description["ports"]
    environment = {
        "HOME": str(logs),
        "PATH": os.environ["PATH"],
        "XDG_STATE_HOME": str(stack.stack.state.root.parents[1]),
        "METERPARK_STACK": stack.stack.settings.stack,
    }
    http, grpc, internal = (str(ports[f"{name}-sidecar-{kind}"]) for kind in SIDECAR_PORTS.values())
    [metrics] = free_ports(1)
    sidecar = (
        _from_file(COMMON["runtimePath"]) / ".dapr" / "bin" / "daprd",
        *("--config", _configuration(app)),
        *("--app-protocol", COMMON["appProtocol"]),
        *("--dapr-listen-addresses", COMMON["apiListenAddresses"]),
        *("--app-max-concurrency", "-1"),
        *("--placement-host-address", "localhost:50005"),
        *("--resources-path", _from_file(COMMON["resourcesPaths"][0])),
        *("--max-body-size", COMMON["maxBodySize"], "--read-buffer-size", "4Ki"),
        *("--scheduler-host-address", "localhost:50006"),
        *("--app-id", name, "--app-port", str(ports[name] if name in APPS else 0)),
        *("--dapr-http-port", http, "--dapr-grpc-port", grpc),
        *("--profile-port", "-1", "--metrics-port", str(metrics)),
        *("--dapr-internal-grpc-port", internal),
        *("--enable-mtls", "--sentry-address", "localhost:50001"),
    )
    started = {
        sidecar_name(name): start(
            sidecar_name(name), sidecar, folder=logs, cwd=ROOT, environment=environment
        )
    }
    if "command" in app:
        # Without an appPort the CLI says one all the same: 0.
        told = {"APP_ID": name, "APP_PORT": str(ports[name] if name in APPS else 0)} | {
            "DAPR_HTTP_PORT": http,
            "DAPR_GRPC_PORT": grpc,
        }
        started[name] = start(
            name,
            app["command"],
            folder=logs,
            cwd=_from_file(app["appDirPath"]),
            environment={**environment, **told},
        )
    return started
