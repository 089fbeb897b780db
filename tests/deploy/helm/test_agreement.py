"""The chart and components/ say the same about who may call what; neither is made of the other."""

from typing import Any

import pytest
import yaml

from deploy.local.facts.ports import APPS, CALLERS
from deploy.local.processes.dapr import COMPONENTS, MAX_BODY
from tests.deploy.helm.rendered import (
    NAMESPACE,
    PROFILES,
    containers,
    dapr_chart,
    helm,
    of_kind,
    pods,
    variables,
)

EVERY_APP = (*APPS, *CALLERS)
MESH = 50002
HTTP = 8080
METRICS = 9464
MEASURED = {"device-hub", "smoc-service", "iec-connector", "bff"}
# What differs between one machine and a cluster: how apps find each other, and who switches mTLS on.
OF_ONE_MACHINE = ("nameResolution", "mtls")


def _said_here(folder: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((COMPONENTS / folder / f"{name}.yaml").read_text())
    return document


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("app", EVERY_APP)
def test_a_sidecar_has_the_configuration_of_components(app: str, profile: str) -> None:
    expected = {
        key: value
        for key, value in _said_here("configurations", app)["spec"].items()
        if key not in OF_ONE_MACHINE
    }
    for policy in expected["accessControl"]["policies"]:
        policy["namespace"] = NAMESPACE
    found = of_kind(profile, "Configuration")[app]["spec"]
    for said in (expected, found):
        said["accessControl"]["policies"].sort(key=lambda policy: policy["appId"])
        for policy in said["accessControl"]["policies"]:
            policy["operations"].sort(key=lambda operation: operation["name"])
    assert found == expected


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ["actor-statestore", "resiliency"])
def test_dapr_gets_the_resources_of_components(name: str, profile: str) -> None:
    expected = _said_here("resources", name)
    found = of_kind(profile, expected["kind"])[name]
    assert found["spec"] == expected["spec"]
    assert found["scopes"] == expected["scopes"]
    assert {one["metadata"]["name"] for one in (expected, found)} == {name}


@pytest.mark.parametrize("profile", PROFILES)
def test_there_is_no_resource_of_dapr_beside_those_of_components(profile: str) -> None:
    assert set(of_kind(profile, "Configuration")) == set(EVERY_APP)
    for kind in ("Component", "Resiliency"):
        expected = {
            file.stem
            for file in (COMPONENTS / "resources").iterdir()
            if _said_here("resources", file.stem)["kind"] == kind
        }
        assert set(of_kind(profile, kind)) == expected


@pytest.mark.parametrize("profile", PROFILES)
def test_sidecars_are_told_what_they_are_told_on_one_machine(profile: str) -> None:
    templates = pods(profile)
    assert {
        name
        for name, pod in templates.items()
        if "dapr.io/enabled" in pod["metadata"]["annotations"]
    } == set(EVERY_APP)
    for app in EVERY_APP:
        said = templates[app]["metadata"]["annotations"]
        assert said["dapr.io/app-id"] == said["dapr.io/config"] == app
        assert said["dapr.io/max-body-size"] == MAX_BODY
        assert ("dapr.io/app-port" in said) == (app in APPS)
        # An empty address, as on one machine: Dapr's injector takes it for "none", and its absence for its own.
        for annotation in ("dapr.io/placement-host-address", "dapr.io/scheduler-host-address"):
            assert said.get(annotation, "Dapr's own") == (
                "Dapr's own" if app == "device-hub" else ""
            )


@pytest.mark.parametrize("profile", PROFILES)
def test_app_and_sidecar_know_each_other_by_the_same_secrets(profile: str) -> None:
    for app in EVERY_APP:
        pod = pods(profile)[app]
        [container] = pod["spec"]["containers"]
        by_reference = {
            entry["name"]: entry["valueFrom"]["secretKeyRef"]
            for entry in container["env"]
            if "valueFrom" in entry
        }
        said = pod["metadata"]["annotations"]
        expected = {"DAPR_API_TOKEN": {"name": said["dapr.io/api-token-secret"], "key": "token"}}
        if app in APPS:
            name = said["dapr.io/app-token-secret"]
            expected["APP_API_TOKEN"] = {"name": name, "key": "token"}
        assert by_reference == expected


def _calls_of_components() -> set[tuple[str, str]]:
    return {
        (policy["appId"], app)
        for app in EVERY_APP
        for policy in _said_here("configurations", app)["spec"]["accessControl"]["policies"]
    }


# Hubs call the devices of each other; the page's questions go by way of the router.
CALLS = {
    MESH: _calls_of_components() | {("device-hub", "device-hub")},
    HTTP: {("bff", "router"), ("router", "bff")},
}


@pytest.mark.parametrize("port", CALLS)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_network_lets_the_allowed_calls_pass_on_both_sides_and_no_other(
    profile: str, port: int
) -> None:
    policies = of_kind(profile, "NetworkPolicy")
    may_come, may_go = set(), set()
    for app in pods(profile):
        spec = policies[app]["spec"]
        may_come |= {
            (peer, app)
            for rule in spec.get("ingress", [])
            if {"port": port} in rule["ports"]
            for peer in _apps(rule["from"])
        }
        may_go |= {
            (app, peer)
            for rule in spec["egress"]
            if {"port": port} in rule["ports"]
            for peer in _apps(rule["to"])
        }
    assert may_come == CALLS[port]
    assert may_go == CALLS[port]


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_comes_in_but_to_sidecars_to_what_serves_the_web_and_for_metrics(
    profile: str,
) -> None:
    for name, policy in of_kind(profile, "NetworkPolicy").items():
        for rule in policy["spec"].get("ingress", []):
            [opened] = rule["ports"]
            others = [peer for peer in rule["from"] if _app(peer) is None]
            assert opened["port"] != HTTP or name in {"bff", "router"}
            assert not others or opened["port"] in {HTTP, METRICS}
            assert not others or profile != "demo"
            if opened["port"] == METRICS:
                labels = {"kubernetes.io/metadata.name": "monitoring"}
                assert rule["from"] == [{"namespaceSelector": {"matchLabels": labels}}]
                assert name in MEASURED
            else:
                assert opened["port"] in {MESH, HTTP}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_service_tells_its_metrics_only_where_the_network_says_who_may_ask(profile: str) -> None:
    for name, pod in pods(profile).items():
        [container] = pod["spec"]["containers"]
        told = {value for key, value in variables(pod).items() if key.endswith("_METRICS_PORT")}
        listed = {port["containerPort"] for port in container.get("ports", [])}
        policy = of_kind(profile, "NetworkPolicy")[name]["spec"]
        opened = {rule["ports"][0]["port"] for rule in policy.get("ingress", [])}
        measured = name in MEASURED and profile != "demo"
        assert told == ({str(METRICS)} if measured else set()), name
        assert (METRICS in listed) == (METRICS in opened) == measured, name
        said = pod["metadata"]["annotations"].get("prometheus.io/port")
        assert said == (str(METRICS) if measured else None), name


def _apps(peers: list[dict[str, Any]]) -> set[str]:
    return {app for peer in peers if (app := _app(peer)) is not None}


def _app(peer: dict[str, Any]) -> str | None:
    """Return the app of the park that a peer names, None if it is no pod of this namespace."""
    if set(peer) != {"podSelector"}:
        return None
    labels = peer["podSelector"]["matchLabels"]
    assert labels["app.kubernetes.io/instance"] == "park"
    app: str = labels["app.kubernetes.io/name"]
    return app


@pytest.fixture(scope="module")
def control_plane() -> dict[str, set[int]]:
    """Ports of the pods of Dapr's own chart, by the label that policies select them with."""
    answer = helm("template", "dapr", str(dapr_chart()), "-n", "dapr-system")
    assert answer.returncode == 0, answer.stderr
    ports: dict[str, set[int]] = {}
    for document in yaml.load_all(answer.stdout, yaml.CSafeLoader):
        if document and document["kind"] in {"Deployment", "StatefulSet"}:
            pod = document["spec"]["template"]
            ports[pod["metadata"]["labels"]["app"]] = {
                port["containerPort"]
                for container in containers(pod)
                for port in container.get("ports", [])
            }
    return ports


@pytest.mark.parametrize("profile", PROFILES)
def test_sidecars_reach_daprs_control_plane_and_the_hubs_alone_where_actors_are(
    profile: str, control_plane: dict[str, set[int]]
) -> None:
    for app in EVERY_APP:
        reached = {}
        for rule in of_kind(profile, "NetworkPolicy")[app]["spec"]["egress"]:
            for peer in rule["to"]:
                namespace = peer.get("namespaceSelector", {}).get("matchLabels", {})
                if namespace == {"kubernetes.io/metadata.name": "dapr-system"}:
                    [opened] = rule["ports"]
                    reached[peer["podSelector"]["matchLabels"]["app"]] = opened["port"]
        actors = (
            {"dapr-placement-server", "dapr-scheduler-server"} if app == "device-hub" else set()
        )
        assert set(reached) == {"dapr-sentry", "dapr-operator"} | actors
        for name, port in reached.items():
            assert port in control_plane[name]
