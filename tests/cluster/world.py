"""The park on the cluster, as whoever asks it from outside sees it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub

from bearer_tokens.service_token import ServiceToken
from bearer_tokens.token_endpoint import ask_as_service
from deploy.cluster.kubernetes import Kubernetes
from deploy.cluster.secrets_of_park import NEIGHBOURS, PARK, read_secret
from deploy.local.facts.keycloak_files import REALM
from deploy.local.processes.keycloak_realm import people
from jms_transport import connect
from tests.cluster.forwards import Forward, forwarded
from tests.neighbours.keycloak import Keycloak
from tests.system.park import DESTINATION, Asked

_COMMAND: Final = "meterpark-cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Of this machine."""

    page: int
    login: int
    broker: int
    router: int
    sidecar: int


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    cluster: Kubernetes
    ports: Ports
    park: Asked
    keycloak: Keycloak
    # Variables with which a simulator on this machine speaks to the cluster's broker.
    hes: Mapping[str, str]
    # Where this run keeps its files.
    folder: Path

    @property
    def page(self) -> str:
        return f"http://localhost:{self.ports.page}"

    async def kubectl(self, *words: str, seconds: float = 300) -> str:
        return await asyncio.to_thread(self.cluster.kubectl, *words, seconds=seconds)

    async def pods(self) -> list[dict[str, Any]]:
        """Return the pods of the park's namespace that are not on their way out."""
        listed = await asyncio.to_thread(self.cluster.read, "pods", "-n", PARK)
        return [pod for pod in listed["items"] if "deletionTimestamp" not in pod["metadata"]]

    async def deployments(self) -> list[str]:
        listed = await asyncio.to_thread(self.cluster.read, "deployments", "-n", PARK)
        return [one["metadata"]["name"] for one in listed["items"]]

    async def until_rolled_out(self) -> None:
        """Return when every deployment has the pods that it wants, and each is ready."""
        for name in await self.deployments():
            await self.kubectl(
                *("-n", PARK, "rollout", "status", f"deployment/{name}", "--timeout=600s"),
                seconds=630,
            )

    async def may_be_evicted(self, app: str) -> int:
        """Return how many pods of the app its disruption budget lets go now."""
        budget = await asyncio.to_thread(self.cluster.read, "pdb", app, "-n", PARK)
        return int(budget["status"].get("disruptionsAllowed", 0))

    async def evict(self, pod: str) -> None:
        """Ask for the pod's end, as `kubectl drain` does for each pod of a node.

        Raises:
            ClusterFailed: its budget does not let it go.
        """
        asked = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": PARK},
        }
        await asyncio.to_thread(
            self.cluster.kubectl,
            *("create", "--raw", f"/api/v1/namespaces/{PARK}/pods/{pod}/eviction", "-f", "-"),
            given=json.dumps(asked),
        )

    async def in_pod(self, app: str, *command: str) -> str:
        """Run a command in the app's container; return what it printed."""
        return await self.kubectl(
            "-n", PARK, "exec", f"deployment/{app}", "-c", app, "--", *command
        )


@asynccontextmanager
async def opened(cluster: Kubernetes, ports: Ports, folder: Path) -> AsyncIterator[World]:
    """Yield the world, with ports of this machine that lead into it."""
    secret = partial(read_secret, cluster)
    files = {
        "meterpark-script": secret(NEIGHBOURS, "keycloak", "meterpark-script-secret"),
        "bff": secret(PARK, "bff", "client-secret"),
        "device-hub": secret(PARK, "device-hub", "client-secret"),
        "admin": secret(NEIGHBOURS, "keycloak", "admin-password"),
        "hes": secret(NEIGHBOURS, "broker", "hes-password"),
        **{
            person.name: secret(NEIGHBOURS, "keycloak", f"{person.name}-password")
            for person in people()
        },
    }
    for name, content in files.items():
        (folder / name).write_text(content)
        (folder / name).chmod(0o600)
    login = f"http://localhost:{ports.login}"
    token_url = f"{login}/realms/{REALM}/protocol/openid-connect/token"
    described = {
        "url": login,
        "token_url": token_url,
        "admin_user": "admin",
        "admin_password_file": str(folder / "admin"),
        "client_secret_files": {
            client: str(folder / client) for client in ("meterpark-script", "bff", "device-hub")
        },
        "user_password_files": {person.name: str(folder / person.name) for person in people()},
    }
    broker = f"amqp://127.0.0.1:{ports.broker}"
    sidecar_token = secret(PARK, f"{_COMMAND}-sidecar-token", "token")

    def metadata(callee: str) -> tuple[tuple[str, str], ...]:
        return (("dapr-app-id", callee), ("dapr-api-token", sidecar_token))

    def forward(namespace: str, target: str, local: int, port: int) -> Forward:
        return Forward(cluster, namespace, target, f"{local}:{port}")

    async with (
        forwarded(
            forward(PARK, "service/bff", ports.page, 80),
            forward(PARK, "service/router", ports.router, 80),
            forward(PARK, f"deployment/{_COMMAND}", ports.sidecar, 50001),
            forward(NEIGHBOURS, "service/keycloak", ports.login, 8080),
            forward(NEIGHBOURS, "service/broker", ports.broker, 61616),
        ),
        grpc.aio.insecure_channel(f"127.0.0.1:{ports.sidecar}") as channel,
        Keycloak.of_stack(described) as keycloak,
    ):
        hes = await connect(broker, user="hes", password=files["hes"])
        fetch = partial(
            ask_as_service,
            token_url,
            "meterpark-script",
            folder / "meterpark-script",
            timeout_seconds=10,
        )
        try:
            yield World(
                cluster=cluster,
                ports=ports,
                keycloak=keycloak,
                folder=folder,
                hes={
                    "HES_BROKER_URL": broker,
                    "HES_BROKER_USER": "hes",
                    "HES_BROKER_PASSWORD_FILE": str(folder / "hes"),
                    "HES_DESTINATION": DESTINATION,
                },
                park=Asked(
                    hes=hes,
                    channel=channel,
                    register=DeviceServiceStub(channel),
                    hub=DeviceHubServiceStub(channel),
                    to_register=metadata("smoc-service"),
                    to_hub=metadata("device-hub"),
                    tokens=ServiceToken(fetch, clock=time.monotonic),
                ),
            )
        finally:
            await hes.close()
