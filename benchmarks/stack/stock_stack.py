"""The stock way takes our hub's place in the stack: same app id, certificate, policy, flags, ports and callers.

Two things differ: the program behind the sidecar, and the actor state store (state.mongodb on the stack's mongod).
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import yaml

from benchmarks.instruments.counting import STOCK_DATABASE
from benchmarks.stack.bench_stack import HUB, BenchStack
from benchmarks.trouble import BenchFailed
from deploy.local.facts.mongod_files import REPLICA_SET
from deploy.local.facts.secret_files import write_private
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.apps import app_environment
from deploy.local.processes.dapr import COMPONENTS, sidecar
from deploy.local.processes.file_variables import variables_of_app, with_files
from deploy.local.processes.mongod_access import OPERATOR
from deploy.local.supervision.supervisor import MARK

_SIDECAR: Final = f"{HUB}-sidecar"
_READY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0


@contextmanager
def stock_hub_instead(bench: BenchStack) -> Iterator[dict[str, int]]:
    """Put the stock hub in our hub's place; yield the process ids of all that runs then. Ours comes back after."""
    for ours in (HUB, _SIDECAR):
        bench.stop(ours)
    state, ports = bench.stack.state, bench.description["ports"]
    resources = state.root / "stock-resources"
    facts = StackFacts(
        settings=bench.stack.settings,
        runtime=bench.runtime,
        state=state,
        ports=ports,
        environment={},
    )
    password = facts.mongod.password(OPERATOR)
    write_components(resources, mongod_port=ports["mongod"], password=password)
    plan = sidecar(HUB, facts)
    usual = str(COMPONENTS / "resources")
    if usual not in plan.command:
        raise BenchFailed("the sidecar's command names its resources in another way by now")
    command = [str(resources) if word == usual else word for word in plan.command]
    processes = {
        HUB: _start(
            bench,
            "stock-hub",
            with_files(
                variables_of_app(HUB, state),
                (sys.executable, "-m", "benchmarks.stack.stock_hub"),
            ),
            app_environment(HUB, facts),
        ),
        _SIDECAR: _start(bench, "stock-hub-sidecar", command, plan.environment),
    }
    try:
        health = [str(bench.runtime.grpc_health_probe), f"-addr=127.0.0.1:{ports[HUB]}"]
        _wait(processes, state.logs, health)
        yield {**bench.pids(), **{name: process.pid for name, process in processes.items()}}
    finally:
        for process in reversed(processes.values()):
            process.terminate()
        for process in processes.values():
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    for ours in (_SIDECAR, HUB):
        bench.start(ours)
    bench.wait_until_ready(HUB, _SIDECAR)


def write_components(folder: Path, *, mongod_port: int, password: str) -> None:
    """Write Dapr's own MongoDB state store, as durable as our journal: a majority, on disk."""
    folder.mkdir(exist_ok=True)
    component = {
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "actor-statestore"},
        "scopes": [HUB],
        "spec": {
            "type": "state.mongodb",
            "version": "v1",
            "metadata": [
                {"name": "host", "value": f"127.0.0.1:{mongod_port}"},
                {"name": "username", "value": OPERATOR},
                {"name": "password", "value": password},
                {"name": "databaseName", "value": STOCK_DATABASE},
                {"name": "params", "value": f"?replicaSet={REPLICA_SET}&authSource=admin"},
                {"name": "writeConcern", "value": "majority"},
                {"name": "readConcern", "value": "majority"},
                {"name": "actorStateStore", "value": "true"},
            ],
        },
    }
    write_private(folder / "actor-statestore.yaml", yaml.safe_dump(component, sort_keys=False))


def _start(
    bench: BenchStack, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    state = bench.stack.state
    with state.log(name).open("wb") as log:
        return subprocess.Popen(
            # It ends when this process does, however that ends; the stack's mark finds it as well.
            ["setpriv", "--pdeathsig", "TERM", *command],
            env={**environment, MARK: str(state.root)},
            cwd=state.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(processes: Mapping[str, subprocess.Popen[bytes]], logs: Path, health: list[str]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while subprocess.run(health, capture_output=True, check=False).returncode != 0:
        ended = [name for name, process in processes.items() if process.poll() is not None]
        if ended or time.monotonic() > deadline:
            raise BenchFailed(f"the stock hub does not start ({ended or 'no answer'}); see {logs}")
        time.sleep(0.1)
