"""The simulated head-end system of a stack, and how the connector is told to listen to it."""

from collections.abc import Mapping

from deploy.local.process_plan import ProcessPlan
from deploy.local.settings import StackSettings
from deploy.local.state_directory import StateDirectory


def simulator_plan(
    settings: StackSettings, state: StateDirectory, ports: Mapping[str, int]
) -> ProcessPlan | None:
    """Return the simulator's process, or None when it is switched off."""
    return None


def write_connector_configuration(state: StateDirectory, ports: Mapping[str, int]) -> None:
    """Write the connector's YAML file: this stack's broker, and one network on it."""
