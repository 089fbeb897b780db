"""What one start of a stack works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.facts.mongod_files import MongodFiles
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.state_directory import StateDirectory
from deploy.runtime.paths import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFacts:
    """Known before anything starts, and the same until the stack ends.

    `environment` is that of the user who starts it: its settings for a service win over the stack's.
    """

    settings: StackSettings
    runtime: Runtime
    state: StateDirectory
    ports: Mapping[str, int]
    environment: Mapping[str, str]

    @property
    def mongod(self) -> MongodFiles:
        return self.state.mongod(tls=self.settings.mongodb_tls)
