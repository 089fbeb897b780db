"""Who may import whom: each contract of the wall (pyproject.toml) is broken once, and must say so."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter.api import read_configuration

ROOT = Path(__file__).parents[2]
CONFIGURATION = read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS: list[dict[str, Any]] = CONFIGURATION["contracts_options"]
PACKAGES = set(CONFIGURATION["session_options"]["root_packages"])

# Contract -> where a line that breaks it is written, and that line.
PLANTED = {
    "Packages lie in layers, and services do not know each other": (
        "iec_connector/settings.py",
        "import device_hub.settings",
    ),
    "No folder and no file imports in a circle": (
        "service_status/hop.py",
        "import service_status.service",
    ),
    "Messages of the contract stay at the borders": (
        "iec_connector/counters.py",
        "import meterpark.device_hub.v1.report_pb2",
    ),
    "Only hub and register know the database": ("bff/settings.py", "import pymongo"),
    "Only the hub hosts actors": ("smoc_service/settings.py", "import dapr.actor"),
    "Only the transport speaks to brokers": ("iec_connector/counters.py", "import proton"),
    "Only the bff serves the web": ("meterpark_cli/options.py", "import starlette"),
    "Only service_metrics and service_traces know how telemetry travels": (
        "iec_connector/counters.py",
        "import opentelemetry.metrics",
    ),
    "Only understanding and replies know XML": ("hes_simulator/park/devices.py", "import lxml"),
    "The bff's folders lie in layers": ("bff/trusted.py", "import bff.graph.refusals"),
    "The graph's folders lie in layers": ("bff/graph/fields.py", "import bff.graph.viewer"),
    "The connector's folders lie in layers": (
        "iec_connector/forwarding/waiting.py",
        "import iec_connector.quarantine",
    ),
    "The folders of understanding lie in layers": (
        "iec_connector/understanding/naming/identity.py",
        "import iec_connector.understanding.payload",
    ),
    "The command's folders lie in layers": (
        "meterpark_cli/devices/names.py",
        "import meterpark_cli.alarms.tables",
    ),
    "The two transports do not know each other": (
        "jms_transport/openwire/mapping.py",
        "import jms_transport.amqp.values",
    ),
    "The simulator's folders lie in layers": (
        "hes_simulator/expectation/facts.py",
        "import hes_simulator.life.episodes",
    ),
    "The folders of the benchmarks lie in layers": (
        "benchmarks/instruments/feed.py",
        "import benchmarks.measures.door",
    ),
    "The folders of the faults lie in layers": (
        "faults/kinds/table.py",
        "import faults.watching",
    ),
    "What checks shares no code with what it checks": (
        "faults/checking/found.py",
        "import service_chassis.retries",
    ),
    "The deployment builds on what is installed": (
        "deploy/runtime/progress.py",
        "import deploy.protos",
    ),
    "The folders of deploy.local lie in layers": (
        "deploy/local/facts/ports.py",
        "import deploy.local.stack.stack",
    ),
    "The files of deploy.cluster lie in layers": (
        "deploy/cluster/kubernetes.py",
        "import deploy.cluster.park",
    ),
    "The hub's folders lie in layers": (
        "device_hub/journal/journal.py",
        "import device_hub.doors.reports",
    ),
    "The folders of identities lie in layers": (
        "device_hub/identities/rules/owners.py",
        "import device_hub.identities.stored.joined",
    ),
    "The device core imports the standard library and the contract's limits, and nothing else": (
        "device_hub/device/state.py",
        "import structlog",
    ),
    "The register's folders lie in layers": (
        "smoc_service/door/caller.py",
        "import smoc_service.park.park",
    ),
    "In a folder of the register the door is on top, and the core below all": (
        "smoc_service/imports/documents.py",
        "import smoc_service.imports.reports",
    ),
    "The register's cores know no database, no contract and no frame": (
        "smoc_service/jobs/core/job.py",
        "import service_chassis.scope",
    ),
}


def linted(house: Path) -> str:
    """Return what import-linter says of ``house``."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=house,
        env={**os.environ, "COLUMNS": "300", "PYTHONPATH": f"{house}:{house}/proto/python"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr


@pytest.fixture(scope="module")
def broken_house(tmp_path_factory: pytest.TempPathFactory) -> str:
    house = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", house)
    for package in PACKAGES:
        source = ROOT / "proto" / "python" / package if package == "meterpark" else ROOT / package
        goal = house / source.relative_to(ROOT)
        shutil.copytree(
            source, goal, ignore=lambda where, names: [n for n in names if passed_over(where, n)]
        )
    for file, line in PLANTED.values():
        with (house / file).open("a", encoding="utf-8") as written:
            written.write(f"\n{line}\n")
    return linted(house)


def passed_over(folder: str, name: str) -> bool:
    return not (name.endswith(".py") or Path(folder, name).is_dir()) or name == "node_modules"


def test_each_contract_of_the_wall_has_a_violation_here() -> None:
    assert {contract["name"] for contract in CONTRACTS} == set(PLANTED)


@pytest.mark.parametrize("name", PLANTED)
def test_a_violation_of_a_contract_is_caught(broken_house: str, name: str) -> None:
    file, _ = PLANTED[name]
    _, of_this, said = broken_house.partition(f"\n{name}\n---")
    assert of_this, broken_house
    assert Path(file).parent.name in said.partition("\n---")[0]


def test_every_package_stands_in_the_wall() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = {
        Path(place).name
        for place in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    }
    layers = {
        package.strip()
        for layer in CONTRACTS[0]["layers"]
        for package in layer.replace(":", "|").split("|")
    }
    assert wheel | {"tests"} == PACKAGES == layers


def test_the_folders_of_every_service_and_of_the_command_lie_in_layers() -> None:
    laid_out = {
        container
        for contract in CONTRACTS
        if contract["type"] == "layers" and contract.get("exhaustive") == "True"
        for container in contract.get("containers", ())
    }
    services = {"bff", "device_hub", "iec_connector", "meterpark_cli", "smoc_service"}
    assert services <= laid_out


def test_private_names_of_libraries_stand_in_one_file() -> None:
    """What a class of a library hands down under such a name has a test of its own (tests/specs/hub/actors)."""
    ours = [
        path
        for package in PACKAGES - {"meterpark", "tests"}
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts
    ]
    reaching = {path for path in ours if "noqa: SLF001" in path.read_text()}
    assert reaching == {ROOT / "bff" / "graph" / "strawberry_hooks.py"}
    assert {path: found for path in ours if (found := private_names(path.read_text()))} == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import grpc.aio._call", ["_call"]),
        ("import grpc._channel as channel", ["_channel"]),
        ("from grpc._channel import Channel", ["_channel"]),
        ("from grpc.aio import _call", ["_call"]),
        ('getattr(channel, "_calls")', ["_calls"]),
        ('setattr(channel, "_calls", 1)', ["_calls"]),
        ("from __future__ import annotations", []),
        ("import grpc.aio", []),
        ('getattr(channel, "calls")', []),
        ("getattr(channel, name)", []),
    ],
)
def test_a_private_name_is_found_however_it_is_reached(line: str, found: list[str]) -> None:
    assert private_names(line) == found


def private_names(source: str) -> list[str]:
    """Return the private names that are imported, or asked for as texts; ruff sees the others (SLF001)."""
    return [
        name
        for node in ast.walk(ast.parse(source))
        for name in names_reached(node)
        if name.startswith("_") and not name.startswith("__")
    ]


def names_reached(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [part for alias in names for part in alias.name.split(".")]
        case ast.ImportFrom(module=module, names=names):
            return [*(module or "").split("."), *(alias.name for alias in names)]
        case ast.Call(
            func=ast.Name(id="getattr" | "setattr" | "hasattr" | "delattr"),
            args=[_, ast.Constant(value=str(name)), *_],
        ):
            return [name]
    return []
