"""What the chart tells each service is what the service reads: its own settings are asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pydantic_settings import BaseSettings

from bff.session.settings import PageSettings
from bff.settings import BffSettings
from deploy.runtime.node import ROUTER_SOURCE
from deploy.runtime.paths import installed_node
from device_hub.settings import HubSettings
from iec_connector.settings import ConnectorSettings
from park_backup.settings import BackupSettings
from smoc_service.settings import SmocServiceSettings
from tests.deploy.helm.rendered import PROFILES, of_kind, pods, variables

pytestmark = pytest.mark.parametrize("profile", PROFILES)

SETTINGS: dict[str, tuple[type[BaseSettings], ...]] = {
    "device-hub": (HubSettings,),
    "smoc-service": (SmocServiceSettings,),
    "iec-connector": (ConnectorSettings,),
    "bff": (BffSettings, PageSettings),
    "backup": (BackupSettings,),
}
# Reads them as the services do at their start, which ends with a line for each wrong one.
READ_ALL = """
import sys
from service_chassis.settings import OwnSidecarSettings, load_settings
from tests.deploy.helm.test_settings import SETTINGS
for app in sys.argv[1:]:
    for kind in SETTINGS[app]:
        load_settings(kind)
load_settings(OwnSidecarSettings)
"""


def _with_secrets(text: str, folder: Path) -> str:
    return text.replace("/secrets/", f"{folder}/")


def _without_look_up(text: str) -> str:
    """A service asks DNS for the members of a mongodb+srv; nobody answers for those of an example."""
    return text.replace("mongodb+srv://", "mongodb://")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    names = ("mongodb-password", "actor-proof", "client-secret", "broker-password")
    for name in (*names, "broker-ca.pem", "connector.pem", "connector.key"):
        (tmp_path / name).write_text("of a test, and long enough for every one of them")
    return tmp_path


def test_every_service_takes_its_settings(profile: str, secrets: Path) -> None:
    apps = SETTINGS.keys() & pods(profile).keys()
    told = {
        name: _without_look_up(_with_secrets(value, secrets))
        for app in apps
        for name, value in variables(pods(profile)[app]).items()
    }
    read = subprocess.run(
        [sys.executable, "-c", READ_ALL, *apps],
        env={**told, "PATH": os.environ["PATH"], "APP_API_TOKEN": "x" * 64},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize("app", SETTINGS)
def test_a_service_reads_every_variable_that_it_gets(profile: str, app: str) -> None:
    known = {
        f"{kind.model_config.get('env_prefix', '')}{name}".upper()
        for kind in SETTINGS[app]
        for name in kind.model_fields
    }
    # Not every park makes backups.
    read = variables(pods(profile)[app]) if app != "backup" or app in pods(profile) else {}
    assert not set(read) - known


def test_the_router_takes_its_settings(profile: str) -> None:
    source = (ROUTER_SOURCE / "settings.mjs").as_uri()
    code = f"const {{readSettings}} = await import('{source}'); readSettings(process.env);"
    read = subprocess.run(
        [installed_node(os.environ), "--input-type=module", "-e", code],
        env=variables(pods(profile)["router"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.returncode, read.stderr) == (0, "")


def test_the_connector_takes_its_configuration(profile: str, secrets: Path, tmp_path: Path) -> None:
    text = of_kind(profile, "ConfigMap")["iec-connector"]["data"]["iec-connector.yaml"]
    assert yaml.safe_load(text)["sources"]
    file = tmp_path / "iec-connector.yaml"
    file.write_text(_with_secrets(text, secrets))
    checked = subprocess.run(
        [sys.executable, "-m", "iec_connector", "check", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_service_that_is_told_a_receiver_of_traces_gets_a_way_to_it(profile: str) -> None:
    parts = {
        "deviceHub": "device-hub",
        "smocService": "smoc-service",
        "iecConnector": "iec-connector",
        "bff": "bff",
        "router": "router",
    }
    where = "http://collector.observability:4318"
    more = (
        *(
            "--set-json",
            'network.traces={"to": [{"namespaceSelector": {"matchLabels": {"a": "b"}}}]}',
        ),
        *(
            word
            for part in parts
            for word in ("--set", f"{part}.settings.OTEL_EXPORTER_OTLP_ENDPOINT={where}")
        ),
    )
    deployments = of_kind(profile, "Deployment", *more)
    policies = of_kind(profile, "NetworkPolicy", *more)
    for app in parts.values():
        said = variables(deployments[app]["spec"]["template"])
        assert said["OTEL_EXPORTER_OTLP_ENDPOINT"] == where
        open_ports = [
            port["port"] for rule in policies[app]["spec"]["egress"] for port in rule["ports"]
        ]
        assert 4318 in open_ports, app
