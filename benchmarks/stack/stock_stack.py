"""The stock way in our stack: stock hub and register in the place of ours, and the connector sends one report a call.

App ids, certificates, policies, flags, ports and callers are the same. What differs: the programs behind the sidecars,
the actor state store (state.mongodb on the stack's mongod), and the connector's batches.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from benchmarks.instruments.counting import STOCK_DATABASE
from benchmarks.stack.bench_stack import CONNECTOR, HUB, REGISTER, BenchStack
from benchmarks.stack.stock_register import URL_FILE
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
# The most that the connector takes.
CONNECTOR_CALLS_IN_FLIGHT: Final = 64


@dataclass(frozen=True, slots=True)
class StockChain:
    """The stock hub and register, and the real connector that sends one report in a call."""

    bench: BenchStack
    _facts: StackFacts
    _processes: dict[str, subprocess.Popen[bytes]]

    def pids(self) -> dict[str, int]:
        """Return the process ids of all that runs now, under the names that ours have."""
        ours = {name: process.pid for name, process in self._processes.items()}
        return {**self.bench.pids(), **ours}

    def start_connector(self) -> None:
        state = self._facts.state
        file = state.root / "stock-connector.yaml"
        said = yaml.safe_load(state.connector_configuration.read_text())
        # As many calls at once as it takes; it waits for no batch to fill.
        said["forwarding"] = {
            "batch_reports": 1,
            "batches_in_flight": CONNECTOR_CALLS_IN_FLIGHT,
            "linger_milliseconds": 0,
        }
        write_private(file, yaml.safe_dump(said, sort_keys=False))
        self._processes[CONNECTOR] = self._started(
            CONNECTOR, "iec_connector", {"IEC_CONNECTOR_CONFIG": str(file)}
        )

    def stop_connector(self) -> None:
        if process := self._processes.pop(CONNECTOR, None):
            _stop([process])

    def start_services(self) -> None:
        facts, mongodb = self._facts, self.bench.description["mongodb"]
        resources = facts.state.root / "stock-resources"
        password = facts.mongod.password(OPERATOR)
        write_components(resources, mongod_port=facts.ports["mongod"], password=password)
        plan = sidecar(HUB, facts)
        usual = str(COMPONENTS / "resources")
        if usual not in plan.command:
            raise BenchFailed("the sidecar's command names its resources in another way by now")
        command = [str(resources) if word == usual else word for word in plan.command]
        self._processes[REGISTER] = self._started(
            REGISTER, "benchmarks.stack.stock_register", {URL_FILE: mongodb["url_file"]}
        )
        self._processes[HUB] = self._started(HUB, "benchmarks.stack.stock_hub", {})
        self._processes[_SIDECAR] = _start(
            self.bench, "stock-hub-sidecar", command, plan.environment
        )
        for app in (REGISTER, HUB):
            probe = str(self.bench.runtime.grpc_health_probe)
            _wait(self._processes, facts.state.logs, [probe, f"-addr=127.0.0.1:{facts.ports[app]}"])

    def _started(self, app: str, module: str, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
        variables = variables_of_app(app, self._facts.state)
        return _start(
            self.bench,
            f"stock-{app}",
            with_files(variables, (sys.executable, "-m", module)),
            {**app_environment(app, self._facts), **more},
        )

    def end(self) -> None:
        _stop(list(reversed(self._processes.values())))


@contextmanager
def stock_chain_instead(bench: BenchStack) -> Iterator[StockChain]:
    """Put stock hub and register in the place of ours; our connector is away already. Ours come back after."""
    for ours in (HUB, _SIDECAR, REGISTER):
        bench.stop(ours)
    facts = StackFacts(
        settings=bench.stack.settings,
        runtime=bench.runtime,
        state=bench.stack.state,
        ports=bench.description["ports"],
        environment={},
    )
    chain = StockChain(bench, facts, {})
    try:
        chain.start_services()
        yield chain
    finally:
        chain.end()
    for ours in (REGISTER, _SIDECAR, HUB):
        bench.start(ours)
    bench.wait_until_ready(REGISTER, HUB, _SIDECAR)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
            raise BenchFailed(f"the stock way does not start ({ended or 'no answer'}); see {logs}")
        time.sleep(0.1)
