"""A wrong value is said in one line that names it, before anything is installed."""

import pytest

from tests.deploy.helm.rendered import CHART, PROFILES, helm

WORD = "geheim"
WRONG = {
    # What is set, and the line that says what is wrong with it.
    "public.hots=park.example.com": "at '/public': additional properties 'hots' not allowed",
    "public.host=Park!": "at '/public/host': 'Park!' does not match pattern",
    "public.via=tunnel": "at '/public/via': value must be one of 'gateway', 'ingress', 'none'",
    "public.url=http://park.example.com": "at '/public/url': 'http://park.example.com' does not match",
    "login.issuer=login.example.com": "at '/login/issuer': 'login.example.com' does not match pattern",
    "deviceHub.replicas=0": "at '/deviceHub/replicas': minimum: got 0, want 1",
    "deviceHub.settings.SMOC_SERVICE_LOG_LEVEL=DEBUG": (
        "at '/deviceHub/settings': additional properties 'SMOC_SERVICE_LOG_LEVEL' not allowed"
    ),
    "deviceHub.settings.DEVICE_HUB_GRPC_PORT=x": (
        "DEVICE_HUB_GRPC_PORT is set by the chart itself: take it out of the settings of device-hub"
    ),
    "bff.settings.BFF_METRICS_PORT=x": "BFF_METRICS_PORT is set by the chart itself",
    "deviceHub.resources.limits.memory=1GB": "at '/deviceHub/resources/limits/memory': '1GB' does not",
    "images.services.digest=sha256:12": "at '/images/services/digest': 'sha256:12' does not match",
    f"mongodb.deviceHubUrl=mongodb://hub:{WORD}@db/": (
        "mongodb.deviceHubUrl names more than the user; the password belongs into the Secret device-hub"
    ),
    f"backup.mongodbUrl=mongodb://backup:{WORD}@db/": (
        "backup.mongodbUrl names more than the user; the password belongs into the Secret backup"
    ),
    "backup.schedule=daily": "at '/backup/schedule': 'daily' does not match pattern",
    "backup.volume.size=50": "at '/backup/volume/size': ",
    "mongodb.smocServiceUrl=postgres://db/": "at '/mongodb/smocServiceUrl': 'postgres://db/' does not",
    "pods.spread=Always": "at '/pods/spread': value must be one of",
    "network.mongodb.port=0": "at '/network/mongodb/port': minimum: got 0, want 1",
    "network.gateway[0].cidr=10.0.0.0/8": (
        "at '/network/gateway/0': additional properties 'cidr' not allowed"
    ),
}


@pytest.mark.parametrize("said", WRONG)
def test_a_wrong_value_is_named(said: str) -> None:
    answer = helm("template", "park", str(CHART), *PROFILES["production"], "--set", said)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert WORD not in answer.stderr
    naming = [line for line in answer.stderr.splitlines() if WRONG[said] in line]
    assert len(naming) == 1, answer.stderr


NEEDED = (
    "public.host",
    "public.gateway.name",
    "login.issuer",
    "mongodb.deviceHubUrl",
    "mongodb.smocServiceUrl",
    "iecConnector.config",
    "backup.mongodbUrl",
    "metrics.from",
    "network.gateway",
    "network.mongodb.to",
    "network.broker.to",
    "network.login.to",
)


@pytest.mark.parametrize("name", NEEDED)
def test_a_value_that_is_missing_is_named_with_what_it_is(name: str) -> None:
    nothing = "[]" if name.startswith(("network.", "metrics.")) else "null"
    answer = helm(
        "template", "park", str(CHART), *PROFILES["production"], "--set-json", f"{name}={nothing}"
    )
    [line] = [line for line in answer.stderr.splitlines() if line.startswith("Error:")]
    assert f"{name} is empty: " in line
    assert line.count(" is empty: ") == 1


def test_all_that_is_missing_is_said_at_once() -> None:
    answer = helm("template", "park", str(CHART))
    [line] = [line for line in answer.stderr.splitlines() if line.startswith("Error:")]
    # Metrics and backups are off by default.
    always = [name for name in NEEDED if not name.startswith(("metrics.", "backup."))]
    assert not [name for name in always if f"{name} is empty: " not in line]


def test_a_kubernetes_that_is_too_old_is_named() -> None:
    answer = helm("template", "park", str(CHART), *PROFILES["demo"], "--kube-version", "1.29.0")
    assert "chart requires kubeVersion: >=1.30.0-0" in answer.stderr
