"""Environment variables whose values lie in files, for settings that Dapr reads only from its environment."""

from collections.abc import Mapping
from pathlib import Path

from deploy.local.certificates.mesh_authority import trust_anchors_file
from deploy.local.facts.ports import APPS
from deploy.local.facts.state_directory import StateDirectory

TRUST_ANCHORS = "DAPR_TRUST_ANCHORS"
_STARTER = Path(__file__).parents[1] / "with-files"


def with_files(variables: Mapping[str, Path], command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that starts `command` with `variables`, whose files it reads at each start."""
    words = (f"{name}={file}" for name, file in variables.items())
    return (str(_STARTER), *words, "--", *command)


def variables_of_app(app: str, state: StateDirectory) -> dict[str, Path]:
    """By APP_API_TOKEN an app knows its sidecar, by DAPR_API_TOKEN the sidecar its app; both have both.

    A caller is called by no sidecar, so there is no APP_API_TOKEN for it.
    """
    tokens = {"DAPR_API_TOKEN": state.sidecar_api_token(app)}
    return {"APP_API_TOKEN": state.app_api_token(app), **tokens} if app in APPS else tokens


def trusting(state: StateDirectory, *command: str) -> tuple[str, ...]:
    """Return the command of a control plane process; which authorities it trusted at its start can be seen."""
    return with_files({TRUST_ANCHORS: trust_anchors_file(state.mesh)}, command)


def variables_of_sidecar(app: str, state: StateDirectory) -> dict[str, Path]:
    """The tokens, and the authorities that the sidecar trusts."""
    return {**variables_of_app(app, state), TRUST_ANCHORS: trust_anchors_file(state.mesh)}
