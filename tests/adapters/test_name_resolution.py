"""How sidecars on one machine find each other (docs/decisions/0015): Dapr's resolver with our settings, and without."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
import yaml

from deploy.local.facts.ports import APPS, BFF, CALLERS
from deploy.local.processes.dapr import COMPONENTS
from deploy.runtime.paths import installed_runtime
from service_chassis.finding import found_nobody
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import to_app
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start

NAMED = "name-resolution.sqlite"
_END_SECONDS = 60


def resolution_of(app: str) -> dict[str, Any]:
    """Return what the configuration of the sidecar of ``app`` says about finding others."""
    text = (COMPONENTS / "configurations" / f"{app}.yaml").read_text()
    said: dict[str, Any] = yaml.safe_load(text)["spec"]["nameResolution"]
    return said


OURS = resolution_of(BFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    process: Process
    grpc_port: int
    internal_port: int

    @property
    def log(self) -> str:
        return self.process.log.read_text()

    def wait_for_end(self) -> int:
        return int(self.process.popen.wait(_END_SECONDS))


@contextmanager
def sidecar(folder: Path, app: str, resolution: Mapping[str, Any]) -> Iterator[Sidecar]:
    """A daprd that finds others by ``resolution``, with no app behind it."""
    configuration = folder / f"{app}.yaml"
    said = {
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "Configuration",
        "metadata": {"name": app},
        "spec": {"nameResolution": resolution},
    }
    configuration.write_text(yaml.safe_dump(said))
    grpc_port, http_port, internal_port, metrics_port = free_ports(4)
    command = (
        str(installed_runtime(os.environ).daprd),
        *(f"--app-id={app}", f"--config={configuration}", "--log-level=debug"),
        *(f"--dapr-grpc-port={grpc_port}", f"--dapr-http-port={http_port}"),
        *(f"--dapr-internal-grpc-port={internal_port}", f"--metrics-port={metrics_port}"),
        *("--dapr-listen-addresses=127.0.0.1", "--dapr-internal-grpc-listen-address=127.0.0.1"),
        *("--placement-host-address=", "--scheduler-host-address="),
    )
    environment = {**os.environ, "DAPR_HOST_IP": "127.0.0.1"}
    process = start(app, command, folder=folder, environment=environment)
    try:
        process.wait_for_port(grpc_port)
        yield Sidecar(process=process, grpc_port=grpc_port, internal_port=internal_port)
    finally:
        process.stop()


def addresses(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / NAMED)) as file:
        return [address for (address,) in file.execute("SELECT address FROM hosts")]


@pytest.mark.parametrize("app", [*APPS, BFF, *CALLERS])
def test_every_sidecar_finds_the_others_in_the_same_way(app: str) -> None:
    assert resolution_of(app) == OURS


def test_a_sidecar_with_our_settings_never_clears_the_file(tmp_path: Path) -> None:
    with sidecar(tmp_path, "smoc-service", OURS) as callee:
        assert addresses(tmp_path) == [f"127.0.0.1:{callee.internal_port}"]
        assert "renewing host registration" in callee.log
        assert "interval 30s" in callee.log
        assert "clean up every" not in callee.log


def test_dapr_s_own_clearing_takes_sidecars_out_of_the_file_that_are_there(tmp_path: Path) -> None:
    """The reason why ours is off: an hour after a stack's first start all its sidecars ended at once."""
    soon = {"cleanupInterval": "1s", "updateInterval": "3s", "timeout": "1s"}
    resolution = {**OURS, "configuration": {"connectionString": NAMED, **soon}}
    with sidecar(tmp_path, "smoc-service", resolution) as callee:
        assert callee.wait_for_end() == 1
        assert "Host registration lost" in callee.log


async def test_a_sidecar_that_is_not_there_yet_is_told_apart_from_all_other_trouble(
    tmp_path: Path,
) -> None:
    with sidecar(tmp_path, "bff", OURS) as caller:
        settings = SidecarSettings(dapr_grpc_port=caller.grpc_port, dapr_api_token="")
        async with grpc.aio.insecure_channel(f"127.0.0.1:{caller.grpc_port}") as channel:
            method: Any = channel.unary_unary("/meterpark.smoc.v1.DeviceService/GetDevice")
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await method(b"", metadata=to_app("smoc-service", settings), timeout=30)
            assert found_nobody(raised.value)
