"""No process takes another app's identity: Sentry asks each for the token that was made for it."""

import datetime as dt
from pathlib import Path

import pytest
import yaml

from deploy.local.certificates.mesh_identity import (
    APP_TRUST_DOMAIN,
    identity_token,
    new_signing_key,
    token_file,
)
from deploy.local.certificates.presented_certificate import presented_certificate
from deploy.local.processes.dapr import COMPONENTS
from tests.neighbours.daprd import StrangeSidecar
from tests.neighbours.stack import RunningStack

CONFIGURATION = COMPONENTS / "configurations" / "iec-connector.yaml"
CERTIFIED = "Security is initialized successfully"


def _forged(folder: Path) -> Path:
    """A token for device-hub as it should be, but for the key that it is signed with."""
    file = folder / "forged.jwt"
    now = dt.datetime.now(dt.UTC)
    file.write_text(identity_token("device-hub", APP_TRUST_DOMAIN, new_signing_key(), now=now))
    return file


@pytest.mark.parametrize("app", ["device-hub", "dapr-placement"])
def test_a_process_with_another_app_s_token_gets_no_certificate_and_ends(
    stack: RunningStack, tmp_path: Path, app: str
) -> None:
    token = token_file(stack.stack.state.mesh, "iec-connector")
    thief = StrangeSidecar.started(
        stack, tmp_path, app=app, token_file=token, configuration=CONFIGURATION
    )
    assert thief.wait_for_end() != 0
    assert "not satisfied: values do not match" in thief.log
    assert CERTIFIED not in thief.log


def test_a_process_with_a_token_of_its_own_making_gets_no_certificate_and_ends(
    stack: RunningStack, tmp_path: Path
) -> None:
    thief = StrangeSidecar.started(
        stack,
        tmp_path,
        app="device-hub",
        token_file=_forged(tmp_path),
        configuration=CONFIGURATION,
    )
    assert thief.wait_for_end() != 0
    assert "token validation failed" in thief.log
    assert CERTIFIED not in thief.log


def test_a_process_without_a_token_gets_no_certificate_and_ends(
    stack: RunningStack, tmp_path: Path
) -> None:
    thief = StrangeSidecar.started(
        stack, tmp_path, app="device-hub", token_file=None, configuration=CONFIGURATION
    )
    assert thief.wait_for_end() != 0
    assert "a validator name must be specified" in thief.log
    assert CERTIFIED not in thief.log


def test_with_its_own_token_a_process_gets_a_certificate_for_its_own_name(
    stack: RunningStack, tmp_path: Path
) -> None:
    token = token_file(stack.stack.state.mesh, "iec-connector")
    sidecar = StrangeSidecar.started(
        stack, tmp_path, app="iec-connector", token_file=token, configuration=CONFIGURATION
    )
    sidecar.wait_until_it_serves()
    shown = presented_certificate(sidecar.internal_port)
    sidecar.process.stop()
    assert shown.identities == ("spiffe://public/ns/default/iec-connector",)
    assert CERTIFIED in sidecar.log


def test_sentry_takes_nothing_but_tokens_of_the_stack() -> None:
    mtls = yaml.safe_load((COMPONENTS / "sentry.yaml").read_text())["spec"]["mtls"]
    assert [validator["name"] for validator in mtls["tokenValidators"]] == ["jwks"]
