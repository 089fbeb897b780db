"""Who may call what: the table of tests/denied, the policy files, and real sidecars agree."""

import re
from typing import Any

import grpc
import pytest
import yaml
from dapr.proto.runtime.v1 import actors_pb2, dapr_pb2_grpc
from google.protobuf.descriptor import ServiceDescriptor
from meterpark.device_hub.v1 import audit_service_pb2 as hub_audit_service_pb2
from meterpark.device_hub.v1 import device_hub_service_pb2, identity_service_pb2
from meterpark.smoc.v1 import (
    alarm_service_pb2,
    audit_service_pb2,
    device_service_pb2,
    import_service_pb2,
    job_service_pb2,
    note_service_pb2,
    provisioning_service_pb2,
    view_service_pb2,
)
from meterpark.status.v1 import status_service_pb2

from deploy.local.facts.ports import APPS, CALLERS
from deploy.local.processes.dapr import COMPONENTS
from tests.denied import table
from tests.denied.table import METHODS
from tests.neighbours.stack import RunningStack

HUB: ServiceDescriptor = device_hub_service_pb2.DESCRIPTOR.services_by_name["DeviceHubService"]
IDENTITIES: ServiceDescriptor = identity_service_pb2.DESCRIPTOR.services_by_name["IdentityService"]
HUB_AUDIT: ServiceDescriptor = hub_audit_service_pb2.DESCRIPTOR.services_by_name["AuditService"]
REGISTER: ServiceDescriptor = device_service_pb2.DESCRIPTOR.services_by_name["DeviceService"]
ALARMS: ServiceDescriptor = alarm_service_pb2.DESCRIPTOR.services_by_name["AlarmService"]
PROVISIONING: ServiceDescriptor = provisioning_service_pb2.DESCRIPTOR.services_by_name[
    "ProvisioningService"
]
IMPORTS: ServiceDescriptor = import_service_pb2.DESCRIPTOR.services_by_name["ImportService"]
JOBS: ServiceDescriptor = job_service_pb2.DESCRIPTOR.services_by_name["JobService"]
AUDIT: ServiceDescriptor = audit_service_pb2.DESCRIPTOR.services_by_name["AuditService"]
NOTES: ServiceDescriptor = note_service_pb2.DESCRIPTOR.services_by_name["NoteService"]
VIEWS: ServiceDescriptor = view_service_pb2.DESCRIPTOR.services_by_name["ViewService"]
STATUS: ServiceDescriptor = status_service_pb2.DESCRIPTOR.services_by_name["StatusService"]
HEALTH = "/grpc.health.v1.Health/Check"
SECRET_NAME = re.compile("pass|secret|token|key|credential|connection|dsn|sas|url", re.IGNORECASE)


def _names(service: ServiceDescriptor) -> set[str]:
    return {f"/{service.full_name}/{method.name}" for method in service.methods}


ALLOWED = {
    (app, callee): {
        method.path for method in METHODS if method.callee == callee and app in method.apps
    }
    for callee in table.APPS
    for app in table.APPS
}
SERVED = {
    "device-hub": _names(HUB) | _names(IDENTITIES) | _names(HUB_AUDIT) | _names(STATUS) | {HEALTH},
    "smoc-service": _names(REGISTER)
    | _names(ALARMS)
    | _names(IMPORTS)
    | _names(JOBS)
    | _names(NOTES)
    | _names(VIEWS)
    | _names(AUDIT)
    | _names(PROVISIONING)
    | _names(STATUS)
    | {HEALTH},
}
EVERY_CALL = [
    (caller, callee, method)
    for callee, methods in SERVED.items()
    for caller in (*APPS, *CALLERS)
    if caller != callee
    for method in sorted(methods)
]


def _configuration(app: str) -> dict[str, Any]:
    file = COMPONENTS / "configurations" / f"{app}.yaml"
    spec: dict[str, Any] = yaml.safe_load(file.read_text())["spec"]
    return spec


def test_the_table_knows_every_method_that_is_served() -> None:
    in_table = {app: {method.path for method in METHODS if method.callee == app} for app in SERVED}
    assert in_table == SERVED


@pytest.mark.parametrize("app", [*APPS, *CALLERS])
def test_a_policy_allows_exactly_the_calls_of_the_table(app: str) -> None:
    access = _configuration(app)["accessControl"]
    assert access["defaultAction"] == "deny"
    allowed = {
        (policy["appId"], app): {operation["name"] for operation in policy["operations"]}
        for policy in access["policies"]
    }
    assert allowed == {call: names for call, names in ALLOWED.items() if call[1] == app and names}
    for policy in access["policies"]:
        assert policy["defaultAction"] == "deny"
        assert {operation["action"] for operation in policy["operations"]} == {"allow"}


@pytest.mark.parametrize("app", [*APPS, *CALLERS])
def test_every_sidecar_speaks_mtls_and_offers_no_api_that_its_app_does_not_use(app: str) -> None:
    spec = _configuration(app)
    assert spec["mtls"]["enabled"]
    offered = {(rule["name"], rule["protocol"]) for rule in spec["api"]["allowed"]}
    expected = {("metadata", "http"), ("metadata", "grpc")}
    assert offered == (expected | {("actors", "grpc")} if app == "device-hub" else expected)


def _answer(stack: RunningStack, caller: str, callee: str, method: str) -> grpc.RpcError | None:
    """Call with bytes that no service understands: what matters is who refuses them."""
    with grpc.insecure_channel(stack.sidecar_address(caller)) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
        try:
            call(b"\xff", metadata=stack.call_metadata(caller, callee), timeout=20)
        except grpc.RpcError as error:
            return error
    return None


@pytest.mark.parametrize(("caller", "callee", "method"), EVERY_CALL)
def test_a_call_passes_the_sidecars_only_if_the_table_has_it(
    stack: RunningStack, caller: str, callee: str, method: str
) -> None:
    error = _answer(stack, caller, callee, method)
    denied = error is not None and error.code() == grpc.StatusCode.PERMISSION_DENIED
    assert denied == (method not in ALLOWED.get((caller, callee), set())), error
    if error is not None and denied:
        assert f"spiffe://public/ns/default/{caller}" in (error.details() or "")


@pytest.mark.parametrize("caller", ["iec-connector", "smoc-service", "meterpark-cli", "bff"])
def test_no_other_app_can_call_an_actor_of_the_hub(stack: RunningStack, caller: str) -> None:
    with grpc.insecure_channel(stack.sidecar_address(caller)) as channel:
        dapr = dapr_pb2_grpc.DaprStub(channel)
        request = actors_pb2.InvokeActorRequest(
            actor_type="Device", actor_id="north/1ISK1", method="turn"
        )
        with pytest.raises(grpc.RpcError) as refused:
            dapr.InvokeActor(request, metadata=stack.sidecar_metadata(caller), timeout=20)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    # Even an API that is open by mistake would not help: its sidecar knows no placement service.
    plan = stack.stack.state.compose_file.read_text()
    sidecar = yaml.safe_load(plan)["processes"][f"{caller}-sidecar"]["command"]
    assert "--placement-host-address=" in sidecar.split()
    assert "--scheduler-host-address" not in sidecar


def test_no_secret_stands_in_a_component() -> None:
    """Values that look like a secret may only be references to a secret store; none is needed today."""
    for file in COMPONENTS.rglob("*.yaml"):
        [*documents] = yaml.safe_load_all(file.read_text())
        for document in documents:
            if document["kind"] != "Component":
                continue
            for entry in document["spec"]["metadata"]:
                suspicious = SECRET_NAME.search(entry["name"]) or "@" in str(entry.get("value"))
                assert not suspicious or "secretKeyRef" in entry, f"{file.name}: {entry['name']}"
