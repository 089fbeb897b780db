"""Calls that must be denied on the cluster: each lock alone, each beside a call that is not denied."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

from tests.cluster.world import World
from tests.neighbours.browser import open_browser

# Runs in an app's container, with its own sidecar: peer and method; prints the code and what was said.
_CALL = """
import os, sys, grpc
channel = grpc.insecure_channel("127.0.0.1:50001")
call = channel.unary_unary(sys.argv[2])
metadata = [("dapr-app-id", sys.argv[1]), ("dapr-api-token", os.environ["DAPR_API_TOKEN"])]
try:
    call(b"", metadata=metadata, timeout=10)
    print("OK")
except grpc.RpcError as error:
    print(error.code().name, error.details())
"""
# Runs there, too: host and port; prints whether a connection was opened.
_CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=4).close()
    print("open")
except OSError as error:
    print("closed", error)
"""
_DEVICES = "/meterpark.smoc.v1.DeviceService/ListDevices"
_PROVISION = "/meterpark.smoc.v1.ProvisioningService/ProvisionDevices"
_RECORD = "/meterpark.device_hub.v1.DeviceHubService/RecordReports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A call that was made; `denied` as it had to be, or not."""

    what: str
    must_be_denied: bool
    denied: bool
    # Which lock denies it, if it is denied.
    lock: str
    said: str

    @property
    def fine(self) -> bool:
        return self.denied == self.must_be_denied


async def tried(world: World) -> AsyncIterator[Tried]:
    """Make all calls, one after the other."""
    async for one in _by_policy(world):
        yield one
    async for one in _by_network(world):
        yield one
    async for one in _by_role(world):
        yield one


async def _by_policy(world: World) -> AsyncIterator[Tried]:
    """Dapr's access policy, at the sidecar of the app that is called."""
    for caller, callee, path, must_be_denied in (
        ("iec-connector", "device-hub", _RECORD, False),
        ("iec-connector", "smoc-service", _DEVICES, True),
        ("iec-connector", "smoc-service", _PROVISION, True),
        ("bff", "device-hub", _RECORD, True),
        ("bff", "smoc-service", _DEVICES, False),
        ("bff", "smoc-service", _PROVISION, True),
        ("meterpark-cli", "smoc-service", _PROVISION, True),
    ):
        said = (await world.in_pod(caller, "python", "-c", _CALL, callee, path)).strip()
        by_policy = "access control policy" in said
        by_network = "UNAVAILABLE" in said or "failed to invoke" in said or "DEADLINE" in said
        yield Tried(
            what=f"{caller} calls {callee} {path}",
            must_be_denied=must_be_denied,
            denied=by_policy or by_network,
            lock="access policy" if by_policy else "network policy",
            said=said,
        )


async def _by_network(world: World) -> AsyncIterator[Tried]:
    for app, host, port, must_be_denied in (
        ("device-hub", "mongodb-0.mongodb.neighbours", 27017, False),
        ("smoc-service", "mongodb-0.mongodb.neighbours", 27017, False),
        ("iec-connector", "mongodb-0.mongodb.neighbours", 27017, True),
        ("bff", "mongodb-0.mongodb.neighbours", 27017, True),
        ("iec-connector", "broker.neighbours", 61616, False),
        ("device-hub", "broker.neighbours", 61616, True),
        ("device-hub", "dapr-placement-server.dapr-system", 50005, False),
        ("smoc-service", "dapr-placement-server.dapr-system", 50005, True),
        ("bff", "keycloak.neighbours", 8080, False),
        ("iec-connector", "keycloak.neighbours", 8080, True),
        ("bff", "router", 80, False),
        ("smoc-service", "router", 80, True),
        ("device-hub", "kubernetes.default", 443, True),
    ):
        said = (await world.in_pod(app, "python", "-c", _CONNECT, host, str(port))).strip()
        yield Tried(
            what=f"{app} connects to {host}:{port}",
            must_be_denied=must_be_denied,
            denied=said.startswith("closed"),
            lock="network policy",
            said=said,
        )


async def _by_role(world: World) -> AsyncIterator[Tried]:
    """Roles of a person's token, through page, router, bff and register."""
    mutation = (
        f'mutation Taken {{ acknowledgeAlarm(alarmId: "north/1", requestId: "{uuid4()}") '
        "{ __typename } }"
    )
    for user, question, must_be_denied in (
        ("victor", "query Who { viewer { username } }", False),
        ("victor", mutation, True),
    ):
        async with open_browser(world.page, world.keycloak) as browser:
            await browser.log_in(user)
            answer = await browser.ask(question)
            errors = (answer.document or {}).get("errors") or []
            yield Tried(
                what=f"{user} asks {question.split()[1]}",
                must_be_denied=must_be_denied,
                denied=answer.status in {401, 403} or bool(errors),
                lock="role",
                said=f"HTTP {answer.status}: {errors}",
            )
    async with world.keycloak.http.post(
        f"http://127.0.0.1:{world.ports.router}/graphql",
        json={"query": "query Who { viewer { username } }"},
    ) as refused:
        said = await refused.text()
        yield Tried(
            what="nobody asks the router",
            must_be_denied=True,
            denied=refused.status in {401, 403} or "errors" in said,
            lock="token",
            said=f"HTTP {refused.status}: {said[:200]}",
        )
