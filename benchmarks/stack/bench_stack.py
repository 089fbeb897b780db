"""A stack of the run's own: the code of `make up`, on free ports, in a folder of its own, ended for sure."""

import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from bearer_tokens.service_token import ServiceToken
from bearer_tokens.token_endpoint import ask_as_service
from benchmarks.trouble import BenchFailed
from deploy.local.facts.ports import WELL_KNOWN
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.stack.stack import Stack
from deploy.runtime.paths import Runtime
from hes_simulator.sending.running import Broker
from jms_transport import Destination
from service_chassis.settings import SidecarSettings

CONNECTOR: Final = "iec-connector"
HUB: Final = "device-hub"
REGISTER: Final = "smoc-service"
CALLER: Final = "meterpark-cli"
SCRIPT_CLIENT: Final = "meterpark-script"
# Metadata that tells the stock hub to leave out its register, which is not part of what is measured at the door.
WITHOUT_REGISTER: Final = ("bench-without-register", "1")
# Rows of the processor table, in the order of a report's way.
PROCESSES: Final = (
    "broker",
    CONNECTOR,
    f"{CONNECTOR}-sidecar",
    HUB,
    f"{HUB}-sidecar",
    REGISTER,
    f"{REGISTER}-sidecar",
    "mongod",
)
_QUEUE: Final = "queue://IEC20_PUSH"
_READY_SECONDS: Final = 180.0
_TOKEN_SECONDS: Final = 10.0
_GLANCE_SECONDS: Final = 0.2
# Out of the range from which the system takes outgoing ports, and none where people look for things.
_PORTS: Final = range(21_000, 32_000)
# What a service may know of the person's environment; their settings for it would change the figures.
_PASSED_ON: Final = ("HOME", "LANG", "PATH", "TMPDIR", "XDG_CACHE_HOME", "JAVA_HOME")
# But where traces go, to see what that costs; then nothing is written to the docs.
TELEMETRY: Final = "OTEL_"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchStack:
    stack: Stack
    runtime: Runtime

    @property
    def description(self) -> dict[str, Any]:
        return self.stack.description()

    @property
    def mongodb_url(self) -> str:
        """The operator's; it holds a password."""
        return Path(self.description["mongodb"]["url_file"]).read_text()

    @property
    def broker(self) -> Broker:
        """The broker as the head-end system sees it."""
        said = self.description["broker"]
        return Broker(
            url=said["url_amqp"],
            user=said["user_hes"],
            password=Path(said["password_file_hes"]).read_text().strip(),
            destination=Destination.parse(_QUEUE),
        )

    def sidecar(self, app: str) -> SidecarSettings:
        """Who calls there calls as that app."""
        said = self.description["sidecars"][app]
        return SidecarSettings(
            dapr_grpc_port=said["grpc"], dapr_api_token=Path(said["api_token_file"]).read_text()
        )

    def tokens(self) -> ServiceToken:
        """Tokens of the stack's account for scripts."""
        said = self.description["keycloak"]
        secret_file = Path(said["client_secret_files"][SCRIPT_CLIENT])
        return ServiceToken(
            partial(
                ask_as_service,
                said["token_url"],
                SCRIPT_CLIENT,
                secret_file,
                timeout_seconds=_TOKEN_SECONDS,
            ),
            clock=time.monotonic,
        )

    def pids(self) -> dict[str, int]:
        """Return the process id of everything that runs, by name."""
        states = self.stack.supervisor.processes()
        return {state.name: state.pid for state in states if state.status == "Running"}

    def stop(self, process: str) -> None:
        """Stop it the polite way, if it runs; it stays away until `start`."""
        if process in self.pids():
            self.stack.supervisor.stop(process)

    def start(self, process: str) -> None:
        self.stack.supervisor.start(process)

    def wait_until_ready(self, *processes: str) -> None:
        """Return when all of `processes` are ready, without any: all that there are.

        Raises:
            BenchFailed: after three minutes.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while waiting := [
            one.name
            for one in self.stack.supervisor.processes()
            if not one.ready and (not processes or one.name in processes)
        ]:
            if time.monotonic() > deadline:
                raise BenchFailed(
                    f"the stack is not ready: {', '.join(waiting)}; see {self.stack.state.logs}"
                )
            time.sleep(_GLANCE_SECONDS)


@contextmanager
def bench_stack(
    runtime: Runtime,
    environment: Mapping[str, str],
    *,
    keep: bool,
    name: str = "bench",
    ports: Mapping[str, int] | None = None,
    **more: Any,
) -> Iterator[BenchStack]:
    """Start a stack, and end it however the block ends; `keep`, or an error, leaves its folder with data and logs.

    It takes `ports`, where they are free, else any; `more` are settings of the stack (`StackSettings`).

    Call it in the main thread: the stack dies with the thread that started it, should this process be killed.
    """
    home = Path(tempfile.mkdtemp(prefix=f"meterpark-{name}-"))
    settings = StackSettings(
        stack=f"{name}-{os.getpid()}",
        port_base=None,
        simulator=False,
        mongodb_tls=False,
        **more,
    )
    told = {
        name: value
        for name, value in environment.items()
        if name in _PASSED_ON or name.startswith(TELEMETRY)
    }
    state = StateDirectory.of_stack(settings.stack, {**told, "XDG_STATE_HOME": str(home)})
    state.root.mkdir(parents=True, mode=0o700)
    # Where a start looks for the ports of last time; one that is taken is replaced.
    if ports is None:
        ports = dict(zip(WELL_KNOWN, random.sample(_PORTS, len(WELL_KNOWN)), strict=True))
    state.ports.write_text(json.dumps(dict(ports)))
    stack = Stack(settings=settings, state=state)
    bench = BenchStack(stack=stack, runtime=runtime)
    try:
        stack.start(runtime, told, dies_with_caller=True)
        bench.wait_until_ready()
        yield bench
    except Exception:
        keep = True
        raise
    finally:
        left = stack.stop()
        if left:
            print("still running:", *(f"{one.name()} ({one.pid})" for one in left))
        if keep:
            print(f"data and logs of the run: {state.root}")
        else:
            shutil.rmtree(home)
