"""Starting, asking and ending a stack: what `make up`, `status` and `down` promise."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.facts.ports import WELL_KNOWN, PortTaken, choose_ports
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.state_directory import StateDirectory, UnusableStateDirectory
from deploy.local.stack.stack_plan import STEPS
from deploy.local.supervision.supervisor import Supervisor, processes_of_stack
from tests.neighbours.broker import Broker
from tests.neighbours.data_folder import data_folder
from tests.neighbours.ports import free_ports
from tests.neighbours.process import while_alive
from tests.neighbours.stack import RunningStack

ROOT = Path(__file__).resolve().parents[4]
_BASES_TO_TRY = 50


@pytest.fixture
def home() -> Iterator[Path]:
    folder = data_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _verb(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *words],
        env={**os.environ, "XDG_STATE_HOME": str(home), "METERPARK_ONLY": "neighbours"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stack_comes_up_twice_is_healthy_and_goes_down_without_a_trace(home: Path) -> None:
    root = home / "meterpark" / "default"
    state = StateDirectory(root=root)
    state.root.mkdir(parents=True)
    state.ports.write_text(
        json.dumps(dict(zip(WELL_KNOWN, free_ports(len(WELL_KNOWN)), strict=True)))
    )
    try:
        first = _verb(home, "up")
        assert first.returncode == 0, first.stderr + first.stdout
        pids = {process.pid for process in processes_of_stack(root)}
        # Probes come and go; what the supervisor runs stays.
        running = _pids_of_running(state)

        again = _verb(home, "up")
        assert again.returncode == 0, again.stderr + again.stdout
        assert "is already up" in again.stdout
        assert _pids_of_running(state) == running

        assert _verb(home, "status").returncode == 0

        rotated = _verb(home, "rotate-certificates")
        assert rotated.returncode == 1
        assert "does not run device-hub-sidecar" in rotated.stderr, "it has none to start again"
        assert rotated.stdout == ""
    finally:
        down = _verb(home, "down")
    assert down.returncode == 0, down.stderr
    assert processes_of_stack(root) == []
    # Whom nobody has buried yet is dead all the same: that is up to the machine's init.
    left = [one for one in psutil.process_iter() if one.pid in pids and one.status() != "zombie"]
    assert left == []
    assert (root / "mongod" / "WiredTiger").exists(), "data survives"
    assert not state.description.exists(), "nobody finds a stack that is down"

    asked = _verb(home, "status")
    assert asked.returncode == 1
    assert "is down" in asked.stderr
    assert "is down" in _verb(home, "rotate-certificates").stderr

    assert _verb(home, "reset").returncode == 1, "reset does not guess"
    assert _verb(home, "reset", "--yes").returncode == 0
    assert not root.exists()


@pytest.fixture(scope="module")
def neighbours() -> Iterator[RunningStack]:
    """A stack of neighbours alone, of which tests take away what they like; the last one takes the supervisor."""
    home = data_folder()
    (home / "meterpark").mkdir()
    settings = StackSettings(stack="default", only="neighbours")
    running = RunningStack.started(home / "meterpark", os.environ, settings=settings)
    yield running
    left = running.stop()
    shutil.rmtree(home)
    assert left == [], f"still running: {left}"


def test_status_names_what_is_not_healthy_and_why(neighbours: RunningStack) -> None:
    neighbours.stop_process("broker")
    asked = _verb(_home(neighbours), "status")
    assert asked.returncode == 1
    assert "not healthy: broker" in asked.stderr
    assert "BAD broker" in asked.stdout
    assert "ok  mongod" in asked.stdout
    neighbours.start_process("broker")


def test_down_finds_everything_although_the_supervisor_was_killed(
    neighbours: RunningStack,
) -> None:
    neighbours.wait_until_ready()
    root = neighbours.stack.state.root
    [supervisor] = [one for one in processes_of_stack(root) if one.name() == "process-compose"]
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait(10)
    assert processes_of_stack(root) != []

    down = _verb(_home(neighbours), "down")
    assert down.returncode == 0, down.stderr
    assert processes_of_stack(root) == []


def test_secrets_are_readable_by_their_owner_alone(stack: RunningStack) -> None:
    root = stack.stack.state.root
    secrets = [
        root / "mesh" / "issuer.key",
        root / "secrets" / "actor-proof",
        root / "broker" / "broker.properties",
        root / "broker" / "tls" / "connector.key",
        *(root / "broker" / "passwords").iterdir(),
        root / "secrets" / "mongodb" / "key",
        root / "secrets" / "mongodb" / "operator-url",
        *(root / "secrets" / "mongodb" / "passwords").iterdir(),
        *(root / "mesh" / "tokens").iterdir(),
        *(root / "secrets" / "app-api-tokens").iterdir(),
        *(root / "secrets" / "sidecar-api-tokens").iterdir(),
        *(root / "env").iterdir(),
    ]
    for file in secrets:
        assert file.stat().st_mode & 0o077 == 0, file


def test_in_a_stack_each_service_has_a_database_of_its_own_and_nobody_else_has_any(
    stack: RunningStack,
) -> None:
    files, port = stack.stack.state.mongod(tls=False), stack.description["ports"]["mongod"]

    def finds(database: str, user: str | None) -> bool:
        url = files.url(port, user) if user else f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
        login: dict[str, Any] = {"password": files.password(user)} if user else {}
        with MongoClient[dict[str, Any]](url, **login) as client:
            try:
                return bool(client[database].list_collection_names())
            except OperationFailure as refused:
                if refused.code != 13:  # not allowed
                    raise
                return False

    databases = ("device_hub", "smoc")
    allowed = {
        user: [database for database in databases if finds(database, user)]
        for user in ("device_hub", "smoc_service", None)
    }
    assert allowed == {"device_hub": ["device_hub"], "smoc_service": ["smoc"], None: []}


def test_the_connector_of_a_stack_speaks_tls_with_the_broker(stack: RunningStack) -> None:
    ports = stack.description["ports"]
    connections = psutil.Process(stack.pid("iec-connector")).net_connections("tcp")
    remote = {one.raddr.port for one in connections if one.status == psutil.CONN_ESTABLISHED}
    assert ports["broker-tls"] in remote
    assert ports["broker"] not in remote


def _home(running: RunningStack) -> Path:
    return running.stack.state.root.parents[1]


def _pids_of_running(state: StateDirectory) -> dict[str, int]:
    supervisor = Supervisor(socket_path=state.supervisor_socket, steps=STEPS)
    return {one.name: one.pid for one in supervisor.processes() if not one.is_step}


def _command_line_and_environment(process: psutil.Process) -> str:
    return " ".join([*process.cmdline(), *process.environ().values()])


def _listening(process: psutil.Process) -> list[tuple[str, int]]:
    return [
        (connection.laddr[0], connection.laddr[1])
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]


def _secrets(state: StateDirectory) -> list[str]:
    mongod = state.mongod(tls=False)
    return [
        state.actor_proof_secret.read_text(),
        mongod.key.read_text(),
        *(mongod.password(user) for user in ("operator", "device_hub", "smoc_service")),
        *(state.broker.password(user) for user in ("hes", "connector", "admin", "stores")),
        *(file.read_text() for file in state.keycloak.secrets.folder.rglob("*") if file.is_file()),
    ]


def test_no_secret_is_on_a_command_line_or_in_an_environment(stack: RunningStack) -> None:
    state = stack.stack.state
    secrets = _secrets(state)
    asked = list(while_alive(processes_of_stack(state.root), _command_line_and_environment))
    assert {"mongod", "daprd"} <= {name for name, _ in asked}
    for name, words in asked:
        assert not any(secret in words for secret in secrets), name


def test_no_secret_is_in_a_log_or_in_what_a_stack_says_of_itself(stack: RunningStack) -> None:
    state = stack.stack.state
    told = [*state.logs.iterdir(), state.description, *state.environments.iterdir()]
    for file in told:
        said = file.read_text(errors="replace")
        assert not any(secret in said for secret in _secrets(state)), file


def test_everything_but_daprs_health_ports_listens_on_this_machine_only(
    stack: RunningStack,
) -> None:
    # Dapr 1.18.2 takes --healthz-listen-address and listens everywhere; these ports say "ok", no more.
    open_to_all = {
        port for name, port in stack.description["ports"].items() if name.endswith("-health")
    }
    asked = list(while_alive(processes_of_stack(stack.stack.state.root), _listening))
    assert {"mongod", "daprd"} <= {name for name, addresses in asked if addresses}
    for name, addresses in asked:
        for address, port in addresses:
            if port not in open_to_all:
                assert address in {"127.0.0.1", "::1", "::ffff:127.0.0.1"}, (
                    f"{name} listens on {address}:{port}"
                )


def test_ports_from_a_base_are_that_base_or_an_error(tmp_path: Path) -> None:
    for _ in range(_BASES_TO_TRY):
        [base] = free_ports(1)
        try:
            ports = choose_ports(tmp_path / "ports.json", base)
        except PortTaken:
            # Others, this run's own stack among them, have ports here and there.
            continue
        assert sorted(ports.values()) == list(range(base, base + len(WELL_KNOWN)))
        return
    pytest.fail(f"not one of {_BASES_TO_TRY} bases has all its ports free")


def test_a_taken_port_of_a_base_is_named(tmp_path: Path, broker: Broker) -> None:
    taken = broker.port
    with pytest.raises(PortTaken, match=f"port {taken}"):
        choose_ports(tmp_path / "ports.json", taken)


def test_a_stack_keeps_its_ports_and_gives_way_where_one_is_taken(
    tmp_path: Path, broker: Broker
) -> None:
    remembered = tmp_path / "ports.json"
    first = choose_ports(remembered, None)
    assert choose_ports(remembered, None) == first
    taken = broker.port
    remembered.write_text(json.dumps({**first, "mongod": taken}))
    assert choose_ports(remembered, None)["mongod"] != taken


def test_a_state_directory_that_is_too_long_is_refused_with_the_reason() -> None:
    state = StateDirectory(root=Path("/") / ("x" * 120))
    with pytest.raises(UnusableStateDirectory, match="107"):
        _ = state.supervisor_socket
