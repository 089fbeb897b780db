"""What the demo needs beside the park: its chart is well formed, and both agree about names, users and Secrets."""

import datetime as dt
import re
import subprocess
from functools import cache
from typing import Any

import pytest
import yaml

from deploy.cluster.cluster import version
from deploy.cluster.secrets_of_park import NEIGHBOURS, PARK, files_of_secrets
from deploy.local.processes.mongod_access import service_users
from tests.deploy.helm.rendered import CHART, ROOT, containers, helm, pods, program, schemas

NEIGHBOURS_CHART = ROOT / "deploy" / "helm" / "neighbours"
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@cache
def rendered() -> str:
    answer = helm("template", "neighbours", str(NEIGHBOURS_CHART), "-n", NEIGHBOURS)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@cache
def resources() -> tuple[dict[str, Any], ...]:
    return tuple(one for one in yaml.safe_load_all(rendered()) if one)


def workloads() -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]
        for one in resources()
        if one["kind"] in {"StatefulSet", "Job"}
    }


@pytest.fixture(scope="module")
def secrets() -> dict[tuple[str, str], set[str]]:
    return {(namespace, name): set(files) for namespace, name, files in files_of_secrets(NOW)}


def test_helm_finds_nothing_to_say_against_the_neighbours() -> None:
    answer = helm("lint", "--strict", str(NEIGHBOURS_CHART))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_resource_of_the_neighbours_has_fields_that_kubernetes_knows() -> None:
    location = f"{schemas()}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    checked = subprocess.run(
        [program("kubeconform"), "-strict", "-summary", "-schema-location", location],
        input=rendered(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_park_finds_each_neighbour_by_its_name_and_port() -> None:
    values = (CHART / "values-demo.yaml").read_text()
    services = {
        (one["metadata"]["name"], port["port"])
        for one in resources()
        if one["kind"] == "Service"
        for port in one["spec"]["ports"]
    }
    named = {
        (name, int(port)) for name, port in re.findall(r"\b([a-z]+)\.neighbours:(\d+)", values)
    }
    assert named == {("mongodb", 27017), ("broker", 61616), ("keycloak", 8080)}
    assert named <= services


def test_users_of_mongodb_are_those_of_the_local_stack() -> None:
    script = (NEIGHBOURS_CHART / "files" / "set_up_mongodb.py").read_text()
    [told] = re.findall(r"^_DATABASES: Final = (\{.*\})$", script, re.MULTILINE)
    assert yaml.safe_load(told) == {user.name: user.database for user in service_users({})}


def test_every_secret_that_a_neighbour_needs_is_made(
    secrets: dict[tuple[str, str], set[str]],
) -> None:
    for template in workloads().values():
        assert _missing(NEIGHBOURS, template, secrets) == []


def test_every_secret_that_the_park_needs_is_made(
    secrets: dict[tuple[str, str], set[str]],
) -> None:
    for template in pods("demo").values():
        assert _missing(PARK, template, secrets) == []
        for note, name in template["metadata"]["annotations"].items():
            if note in {"dapr.io/app-token-secret", "dapr.io/api-token-secret"}:
                assert secrets[PARK, name] == {"token"}


def test_files_that_the_connector_reads_are_in_its_secret(
    secrets: dict[tuple[str, str], set[str]],
) -> None:
    values = (CHART / "values-demo.yaml").read_text()
    named = re.findall(r"/secrets/([\w-]+)", values)
    assert named
    assert set(named) == secrets[PARK, "iec-connector"]


def test_no_secret_is_made_twice_alike() -> None:
    first = {(where, name): files for where, name, files in files_of_secrets(NOW)}
    second = {(where, name): files for where, name, files in files_of_secrets(NOW)}
    assert first.keys() == second.keys()
    for key, files in first.items():
        for file, content in files.items():
            assert second[key][file] != content, (key, file)


def test_keycloak_tells_the_cluster_addresses_that_the_cluster_reaches() -> None:
    """Else the bff is sent to localhost for a person's token, which is the bff's own pod there."""
    [container] = workloads()["keycloak"]["spec"]["containers"]
    said = {one["name"]: one.get("value") for one in container["env"]}
    assert said["KC_HOSTNAME_BACKCHANNEL_DYNAMIC"] == "true"
    assert (
        "internalUrl: http://keycloak.neighbours:8080/" in (CHART / "values-demo.yaml").read_text()
    )


def test_no_neighbour_is_root_or_writes_to_its_image() -> None:
    for template in workloads().values():
        assert template["spec"]["securityContext"]["runAsNonRoot"] is True
        for container in containers(template):
            said = container["securityContext"]
            assert said["allowPrivilegeEscalation"] is False
            assert said["readOnlyRootFilesystem"] is True
            assert said["capabilities"] == {"drop": ["ALL"]}


def test_images_of_both_charts_are_those_of_make_images() -> None:
    tags = {
        container["image"]
        for template in workloads().values()
        for container in containers(template)
    }
    expected = {f"meterpark/{name}:{version()}" for name in ("neighbours", "services")}
    assert tags == expected


def _missing(
    namespace: str, template: dict[str, Any], secrets: dict[tuple[str, str], set[str]]
) -> list[str]:
    spec = template["spec"]
    named = [
        (volume["secret"]["secretName"], item["key"])
        for volume in spec.get("volumes", [])
        if "secret" in volume
        for item in volume["secret"].get("items", [{"key": ""}])
    ]
    for container in containers(template):
        for variable in container.get("env", []):
            if "valueFrom" in variable:
                reference = variable["valueFrom"]["secretKeyRef"]
                named.append((reference["name"], reference["key"]))
    return [
        f"{name}/{key}"
        for name, key in named
        if (namespace, name) not in secrets or (key and key not in secrets[namespace, name])
    ]
