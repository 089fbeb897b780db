"""What no pod of the chart may be or do, whatever the values; Google's rules for safer clusters are the list."""

import re
from typing import Any

import pytest

from tests.deploy.helm.rendered import (
    CHART,
    PROFILES,
    containers,
    manifests,
    of_kind,
    pods,
    resources,
    variables,
)

pytestmark = pytest.mark.parametrize("profile", PROFILES)

SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)
# Addresses, and numbers of seconds; none of them is secret.
NAMES_NO_SECRET = re.compile(r"_FILE$|_URL$|_ISSUER$|_SECONDS$")
PASSWORD_IN_URL = re.compile(r"://[^/\s:@\"]+:[^/\s@\"]+@")


def test_no_container_is_root_or_may_become_it(profile: str) -> None:
    for name, pod in pods(profile).items():
        said = pod["spec"]["securityContext"]
        assert said["runAsNonRoot"] is True, name
        assert said["runAsUser"] == said["runAsGroup"] == 10001, name
        assert said["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, f"{name}: {container['name']}"


def test_no_pod_shares_anything_of_its_node(profile: str) -> None:
    for name, pod in pods(profile).items():
        spec = pod["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
        for volume in spec["volumes"]:
            [kind] = set(volume) - {"name"}
            assert kind in {"emptyDir", "secret", "configMap", "persistentVolumeClaim"}, name
            assert kind != "emptyDir" or volume["emptyDir"]["sizeLimit"], name
        for container in containers(pod):
            assert not [port for port in container.get("ports", []) if "hostPort" in port], name


def test_no_pod_holds_a_token_of_the_clusters_own_api(profile: str) -> None:
    accounts = of_kind(profile, "ServiceAccount")
    for name, pod in pods(profile).items():
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["serviceAccountName"] == name
        assert accounts[name]["automountServiceAccountToken"] is False
    kinds = {one["kind"] for one in resources(profile)}
    assert not [kind for kind in kinds if kind.startswith(("Role", "ClusterRole"))]


def test_every_container_has_requests_and_limits(profile: str) -> None:
    for name, pod in pods(profile).items():
        for container in containers(pod):
            for side in ("requests", "limits"):
                assert set(container["resources"][side]) == {"cpu", "memory"}, name
        said = pod["metadata"]["annotations"]
        if "dapr.io/enabled" in said:
            for annotation in ("cpu-request", "cpu-limit", "memory-request", "memory-limit"):
                assert said[f"dapr.io/sidecar-{annotation}"], name


def test_no_image_is_whatever_is_newest(profile: str) -> None:
    for pod in pods(profile).values():
        for container in containers(pod):
            name, tag = container["image"].rsplit(":", 1)
            assert name
            assert tag not in {"", "latest"}


def test_no_secret_is_in_a_manifest(profile: str) -> None:
    assert not of_kind(profile, "Secret")
    assert not PASSWORD_IN_URL.search(manifests(profile))
    for pod in pods(profile).values():
        for name, value in variables(pod).items():
            assert NAMES_NO_SECRET.search(name) or not SECRET_NAME.search(name), name
            assert not name.endswith("_FILE") or value.startswith("/secrets/"), name
    for name, configuration in of_kind(profile, "ConfigMap").items():
        for line in "\n".join(configuration["data"].values()).splitlines():
            key = line.partition(":")[0]
            assert not SECRET_NAME.search(key) or "/secrets/" in line, f"{name}: {key}"
    for component in of_kind(profile, "Component").values():
        for entry in component["spec"]["metadata"]:
            assert not SECRET_NAME.search(entry["name"])


def test_the_page_says_of_every_secret_that_it_has_to_be_there(profile: str) -> None:
    page = (CHART / "README.md").read_text()
    for app, pod in pods(profile).items():
        named = {
            volume["secret"]["secretName"]
            for volume in pod["spec"]["volumes"]
            if "secret" in volume
        } | {
            entry["valueFrom"]["secretKeyRef"]["name"].replace(app, "APP")
            for container in containers(pod)
            for entry in container.get("env", [])
            if "valueFrom" in entry
        }
        for name in named:
            assert f"| `{name}`" in page
        for value in variables(pod).values():
            if value.startswith("/secrets/"):
                assert f"`{value.removeprefix('/secrets/')}`" in page


def _selects(selector: dict[str, Any], pod: dict[str, Any]) -> bool:
    labels = pod["metadata"]["labels"]
    return bool(selector["matchLabels"].items() <= labels.items())


def test_every_connection_of_every_pod_is_denied_first(profile: str) -> None:
    denied = of_kind(profile, "NetworkPolicy")["default-deny"]["spec"]
    assert set(denied) == {"podSelector", "policyTypes"}
    assert denied["policyTypes"] == ["Ingress", "Egress"]
    for name, pod in pods(profile).items():
        assert _selects(denied["podSelector"], pod), name


def test_every_pod_has_one_policy_of_its_own_that_opens_what_it_needs(profile: str) -> None:
    policies = of_kind(profile, "NetworkPolicy")
    templates = pods(profile)
    assert set(policies) == {"default-deny", *templates}
    for name, policy in policies.items():
        if name != "default-deny":
            selector = policy["spec"]["podSelector"]
            assert [app for app, pod in templates.items() if _selects(selector, pod)] == [name]
            assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_no_rule_opens_a_way_from_or_to_everywhere(profile: str) -> None:
    for name, policy in of_kind(profile, "NetworkPolicy").items():
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(side, []):
                assert rule[peers], name
                assert rule["ports"], name
                for peer in rule[peers]:
                    assert peer, name
                    assert all(peer.values()), name
                    assert peer.get("ipBlock", {}).get("cidr") != "0.0.0.0/0", name


def test_a_node_can_be_drained_and_a_service_stays(profile: str) -> None:
    budgets = of_kind(profile, "PodDisruptionBudget")
    deployments = of_kind(profile, "Deployment")
    assert set(budgets) == set(deployments)
    for name, deployment in deployments.items():
        budget, pod = budgets[name]["spec"], deployment["spec"]["template"]
        assert budget["maxUnavailable"] == 1
        assert budget["selector"] == deployment["spec"]["selector"]
        assert _selects(budget["selector"], pod)
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        spread = pod["spec"]["topologySpreadConstraints"]
        assert {one["topologyKey"] for one in spread} == {
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        }
        assert all(_selects(one["labelSelector"], pod) for one in spread)


def test_probes_ask_what_a_restart_can_cure(profile: str) -> None:
    """Never for `meterpark.progress`: what stands still there, a restart does not cure (decision 34)."""
    for name, pod in pods(profile).items():
        [app] = pod["spec"]["containers"]
        probes = {kind: app.get(f"{kind}Probe") for kind in ("startup", "liveness", "readiness")}
        if name in {"meterpark-cli", "backup"}:
            assert set(probes.values()) == {None}
        elif name in {"bff", "router"}:
            paths = {kind: probe["httpGet"]["path"] for kind, probe in probes.items()}
            assert paths == {
                "startup": "/healthz",
                "liveness": "/healthz",
                "readiness": "/readyz",
            }
        else:
            port = next(
                value for key, value in variables(pod).items() if key.endswith("_GRPC_PORT")
            )
            assert pod["metadata"]["annotations"]["dapr.io/app-port"] == port
            for probe in probes.values():
                command = probe["exec"]["command"]
                assert command[:2] == ["grpc-health-probe", f"-addr=127.0.0.1:{port}"]
                assert not [word for word in command if "service" in word]


def test_a_stop_waits_for_the_app_and_the_sidecar_outlives_it(profile: str) -> None:
    for name, pod in pods(profile).items():
        assert pod["spec"]["terminationGracePeriodSeconds"] >= 30, name
        said = pod["metadata"]["annotations"]
        if "dapr.io/enabled" in said:
            assert said["dapr.io/enable-native-sidecar"] == "true", name
