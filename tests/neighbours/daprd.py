"""A real sidecar beside those of the stack, as somebody would start one who wants to be let in."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.certificates.mesh_authority import trust_anchors_file
from deploy.local.certificates.mesh_identity import NAMESPACE
from deploy.local.processes.dapr import ACTOR_HOST, flags_beyond_dapr_run
from deploy.runtime.paths import installed_runtime
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start
from tests.neighbours.stack import RunningStack

_END_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangeSidecar:
    """It has its own configuration and folder; it hears whoever calls its gRPC port."""

    process: Process
    grpc_port: int
    internal_port: int

    @classmethod
    def started(
        cls,
        stack: RunningStack,
        folder: Path,
        *,
        app: str,
        token_file: Path | None,
        configuration: Path,
        knows_actors: bool = False,
    ) -> "StrangeSidecar":
        """Start a daprd that says it is `app`, and asks the stack's Sentry with the token in `token_file`.

        With `knows_actors` it is told all that the sidecar of the actors' host is told.
        """
        ports: dict[str, int] = stack.description["ports"]
        grpc, internal, http, profile = free_ports(4)
        mesh = stack.stack.state.mesh
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "NAMESPACE": NAMESPACE,
            "DAPR_HOST_IP": "127.0.0.1",
            "DAPR_TRUST_ANCHORS": trust_anchors_file(mesh).read_text(),
        }
        if token_file is not None:
            environment["DAPR_SENTRY_TOKEN_FILE"] = str(token_file)
        command = (
            str(installed_runtime(os.environ).daprd),
            *("--app-id", app, "--config", str(configuration)),
            *("--dapr-http-port", str(http), "--dapr-grpc-port", str(grpc)),
            *("--dapr-internal-grpc-port", str(internal), "--profile-port", str(profile)),
            *("--dapr-listen-addresses", "127.0.0.1"),
            *flags_beyond_dapr_run(ACTOR_HOST if knows_actors else app, ports),
        )
        process = start(f"strange-{app}", command, folder=folder, environment=environment)
        return cls(process=process, grpc_port=grpc, internal_port=internal)

    @property
    def log(self) -> str:
        return self.process.log.read_text(errors="replace")

    def wait_until_it_serves(self) -> None:
        self.process.wait_for_port(self.internal_port)
        self.process.wait_for_port(self.grpc_port)

    def wait_for_end(self) -> int:
        """Return its exit code; a sidecar that got no certificate ends."""
        deadline = time.monotonic() + _END_SECONDS
        while self.process.popen.poll() is None:
            if time.monotonic() > deadline:
                raise self.process.failure("still runs")
            time.sleep(0.05)
        return int(self.process.popen.returncode)
