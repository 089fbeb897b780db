"""The chart is well formed: Helm, the schemas of Kubernetes and Dapr, its own unit tests and its page agree."""

import contextlib
import subprocess
import sys

import pytest

from tests.deploy.helm.rendered import (
    CHART,
    PROFILES,
    ROOT,
    helm,
    manifests,
    of_kind,
    pods,
    program,
    schemas,
)

# Google has no definitions of them among its Go modules, so nothing here knows their fields.
WITHOUT_SCHEMA = ("GCPBackendPolicy", "HealthCheckPolicy")


@pytest.mark.parametrize("profile", PROFILES)
def test_helm_finds_nothing_to_say_against_the_chart(profile: str) -> None:
    answer = helm("lint", "--strict", str(CHART), *PROFILES[profile])
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("profile", PROFILES)
def test_every_resource_has_the_fields_that_kubernetes_and_dapr_know_and_no_other(
    profile: str,
) -> None:
    checked = _kubeconform(manifests(profile))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    misspelt = manifests("demo").replace("readOnlyRootFilesystem:", "readOnlyRootFileSystem:")
    checked = _kubeconform(misspelt)
    assert checked.returncode == 1
    assert "'readOnlyRootFileSystem' not allowed" in checked.stdout


def _kubeconform(text: str) -> subprocess.CompletedProcess[str]:
    location = f"{schemas()}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    return subprocess.run(
        [
            program("kubeconform"),
            *("-strict", "-schema-location", location, "-skip", ",".join(WITHOUT_SCHEMA)),
        ],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_charts_own_unit_tests_pass() -> None:
    answer = subprocess.run(
        [program("helm-unittest"), str(CHART)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Test Suites: 2 passed, 2 total" in answer.stdout


def test_its_page_is_what_helm_docs_writes_of_it() -> None:
    """If not: `helm-docs --chart-search-root deploy/helm/meterpark`, from the folder of the chart's tools."""
    written = subprocess.run(
        [program("helm-docs"), "--dry-run", "--chart-search-root", str(CHART)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    assert (CHART / "README.md").read_text().strip() == written.strip()


def test_every_value_is_explained() -> None:
    rows = [
        line.split(" | ")
        for line in (CHART / "README.md").read_text().splitlines()
        if line.startswith("| `") and line.count(" | ") == 2
    ]
    values = [row for row in rows if row[0].startswith("| `") and "." in row[0]]
    assert len(values) > 40
    assert not [row[0] for row in values if row[-1].strip(" |") == ""]


def test_a_connector_starts_anew_when_its_configuration_has_changed() -> None:
    def checksum(*more: str) -> str:
        deployment = of_kind("demo", "Deployment", *more)["iec-connector"]
        said: str = deployment["spec"]["template"]["metadata"]["annotations"][
            "checksum/configuration"
        ]
        return said

    assert checksum() != checksum("--set", "iecConnector.config.sources[0].network=south")


def test_the_commands_pod_ends_when_it_is_told_to() -> None:
    """It is the first process of its container, which no signal ends by default; as here, where it is ignored."""
    [container] = pods("demo")["meterpark-cli"]["spec"]["containers"]
    program = [sys.executable, *container["command"][1:], *container["args"]]
    ignoring = ["sh", "-c", 'trap "" TERM; echo; exec "$@"', "sh", *program]
    waiting = subprocess.Popen(ignoring, stdout=subprocess.PIPE)
    assert waiting.stdout
    waiting.stdout.readline()
    try:
        for _ in range(100):
            waiting.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                assert waiting.wait(timeout=0.2) == 0
                return
    finally:
        waiting.kill()
        waiting.communicate()
    pytest.fail("it goes on")
