"""An app listens to its own sidecar only, a sidecar to its own app only; on the real stack."""

import http.client
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from meterpark.device_hub.v1 import device_hub_service_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2, provisioning_service_pb2

from deploy.local.facts.ports import APPS, CALLERS
from deploy.local.supervision.supervisor import processes_of_stack
from service_chassis.refusals import reason_of
from service_chassis.sidecar import Metadata
from tests.neighbours.process import while_alive
from tests.neighbours.stack import RunningStack

EVERY_METHOD = [
    (app, f"/{service.full_name}/{method.name}")
    for app, service in (
        ("device-hub", device_hub_service_pb2.DESCRIPTOR.services_by_name["DeviceHubService"]),
        ("smoc-service", device_service_pb2.DESCRIPTOR.services_by_name["DeviceService"]),
        (
            "smoc-service",
            provisioning_service_pb2.DESCRIPTOR.services_by_name["ProvisioningService"],
        ),
    )
    for method in service.methods
]


def _call(address: str, method: str, metadata: Metadata) -> Any:
    """Call with bytes that no service understands: what matters is who refuses them."""
    with grpc.insecure_channel(address) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
        try:
            call(b"\xff", metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return error
    return None


def _http_status(stack: RunningStack, app: str, path: str, headers: Metadata) -> int:
    connection = http.client.HTTPConnection(
        "127.0.0.1", stack.description["sidecars"][app]["http"], timeout=20
    )
    connection.request("GET", path, headers=dict(headers))
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(("app", "method"), EVERY_METHOD)
def test_a_call_straight_to_an_app_s_port_is_refused_and_noted(
    stack: RunningStack, app: str, method: str
) -> None:
    claim = f"claim-{method.rpartition('/')[2]}"
    refused = _call(stack.app_address(app), method, (("dapr-caller-app-id", claim),))
    assert refused is not None
    assert refused.code() is grpc.StatusCode.PERMISSION_DENIED
    assert refused.details() == "not allowed"
    assert reason_of(refused) == ErrorReason.ERROR_REASON_SIDECAR_BYPASSED
    [noted] = stack.logged(app, f'"{claim}"')
    assert '"reason": "SIDECAR_BYPASSED"' in noted


@pytest.mark.parametrize("other", ["device-hub", "iec-connector", "meterpark-cli", "bff"])
def test_the_token_of_a_sidecar_opens_no_other_app_s_port(stack: RunningStack, other: str) -> None:
    tokens = [stack.sidecar_metadata(other)]
    if other in APPS:
        tokens.append((("dapr-api-token", stack.stack.state.app_api_token(other).read_text()),))
    for token in tokens:
        refused = _call(
            stack.app_address("smoc-service"), "/meterpark.smoc.v1.DeviceService/GetDevice", token
        )
        assert refused is not None
        assert reason_of(refused) == ErrorReason.ERROR_REASON_SIDECAR_BYPASSED


def test_health_stays_open_for_the_supervisor(stack: RunningStack) -> None:
    for app in APPS:
        with grpc.insecure_channel(stack.app_address(app)) as channel:
            health: Any = health_pb2_grpc.HealthStub(channel)
            answer = health.Check(health_pb2.HealthCheckRequest(), timeout=20)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("app", [*APPS, *CALLERS])
def test_a_sidecar_hears_nobody_without_its_token(stack: RunningStack, app: str) -> None:
    callee = "smoc-service" if app != "smoc-service" else "device-hub"
    others = [stack.sidecar_metadata(other) for other in (*APPS, *CALLERS) if other != app]
    for metadata in ((), *others, (("dapr-api-token", ""),)):
        refused = _call(
            stack.sidecar_address(app),
            "/grpc.health.v1.Health/Check",
            (("dapr-app-id", callee), *metadata),
        )
        assert refused is not None
        assert refused.code() is grpc.StatusCode.UNAUTHENTICATED, refused
    assert _http_status(stack, app, "/v1.0/metadata", ()) == 401
    assert _http_status(stack, app, "/v1.0/metadata", stack.sidecar_metadata(app)) == 200
    assert _http_status(stack, app, "/v1.0/healthz", ()) == 204


def test_a_token_is_known_to_its_app_and_its_sidecar_and_is_written_nowhere_else(
    stack: RunningStack,
) -> None:
    state = stack.stack.state
    secrets = {
        f"{kind}-{app}": (file(app).read_text(), {app, f"{app}-sidecar"})
        for kind, file, apps in (
            ("app", state.app_api_token, APPS),
            ("sidecar", state.sidecar_api_token, (*APPS, *CALLERS)),
        )
        for app in apps
    }
    assert len({token for token, _ in secrets.values()}) == len(secrets), "each has its own"
    names = {one.pid: one.name for one in stack.stack.supervisor.processes()}
    asked = while_alive(
        processes_of_stack(state.root),
        lambda one: (names.get(one.pid), one.cmdline(), one.environ().values()),
    )
    for program, (process, words, environment) in asked:
        for name, (token, knowing) in secrets.items():
            assert not any(token in word for word in words), (program, name)
            if process not in knowing:
                assert token not in environment, (process, name)
    written = [state.compose_file, state.description, *state.logs.iterdir()]
    for file in written:
        text = file.read_text(errors="replace")
        assert not any(token in text for token, _ in secrets.values()), file
