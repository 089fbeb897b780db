"""Everything that a stack keeps, below one directory that only its owner can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.facts.broker_files import BrokerFiles
from deploy.local.facts.keycloak_files import KeycloakFiles
from deploy.local.facts.mongod_files import MongodFiles

# A Unix socket's path may have 107 characters; longer ones fail with unclear errors.
_LONGEST_SOCKET_PATH = 107


class UnusableStateDirectory(Exception):
    """The state directory cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDirectory:
    """Names of what lies in `root`; making and filling it is `prepare.py`'s."""

    root: Path

    @classmethod
    def of_stack(cls, stack: str, environment: Mapping[str, str]) -> "StateDirectory":
        """`$XDG_STATE_HOME/meterpark/STACK`, else `~/.local/state/...`."""
        named = environment.get("XDG_STATE_HOME")
        if not named and not environment.get("HOME"):
            raise UnusableStateDirectory(
                "the folder for the stack's data is not known: set HOME or XDG_STATE_HOME"
            )
        home = Path(named) if named else Path(environment["HOME"]) / ".local" / "state"
        # Processes start in folders of their own: a relative path would be another one for each.
        return cls(root=home.absolute() / "meterpark" / stack)

    @property
    def broker(self) -> BrokerFiles:
        return BrokerFiles(folder=self.root / "broker")

    @property
    def keycloak(self) -> KeycloakFiles:
        return KeycloakFiles(folder=self.root / "keycloak")

    def mongod(self, *, tls: bool) -> MongodFiles:
        return MongodFiles(
            data=self.root / "mongod", secrets=self.root / "secrets" / "mongodb", tls=tls
        )

    @property
    def scheduler_data(self) -> Path:
        return self.root / "scheduler"

    @property
    def mesh(self) -> Path:
        """Certificates of the control plane, and the tokens with which processes ask for theirs."""
        return self.root / "mesh"

    @property
    def next_authority(self) -> Path:
        """The authority that a rotation of the certificates brings in; there while one is under way."""
        return self.root / "mesh-next"

    @property
    def sentry_configuration(self) -> Path:
        return self.root / "sentry.yaml"

    @property
    def actor_proof_secret(self) -> Path:
        return self.root / "secrets" / "actor-proof"

    @property
    def evidence_key(self) -> Path:
        """Signs the roots over the journal; `evidence_public_key` is for those who verify."""
        return self.root / "secrets" / "evidence-key.pem"

    @property
    def evidence_public_key(self) -> Path:
        return self.root / "evidence-public-key.pem"

    def app_api_token(self, app: str) -> Path:
        """What the app's sidecar presents to it: a call without it went past the sidecar."""
        return self.root / "secrets" / "app-api-tokens" / app

    def sidecar_api_token(self, app: str) -> Path:
        """The token that a caller presents to the app's sidecar: its holder calls as that app."""
        return self.root / "secrets" / "sidecar-api-tokens" / app

    @property
    def connector_configuration(self) -> Path:
        return self.root / "iec-connector.yaml"

    @property
    def simulator_ledger(self) -> Path:
        """The ledger of the simulated head-end system: what it has sent, and where it continues."""
        return self.root / "hes-simulator.sqlite"

    @property
    def prometheus_configuration(self) -> Path:
        return self.root / "prometheus.yaml"

    @property
    def prometheus_dashboards(self) -> Path:
        return self.root / "prometheus-dashboards"

    @property
    def prometheus_data(self) -> Path:
        return self.root / "prometheus"

    @property
    def environments(self) -> Path:
        """One file of NAME=VALUE lines for the shell per app and sidecar, for `dapr run`; no secret is in it."""
        return self.root / "env"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def log(self, process: str) -> Path:
        return self.logs / f"{process}.log"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def description(self) -> Path:
        """`stack.json`: there while the stack is up, and says where everything listens."""
        return self.root / "stack.json"

    @property
    def compose_file(self) -> Path:
        return self.root / "process-compose.yaml"

    @property
    def supervisor_log(self) -> Path:
        return self.logs / "supervisor.log"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def supervisor_socket(self) -> Path:
        socket = self.root / "supervisor.sock"
        if len(str(socket)) > _LONGEST_SOCKET_PATH:
            raise UnusableStateDirectory(
                f"the path {self.root} is too long: a socket in it would have "
                f"{len(str(socket))} characters, at most {_LONGEST_SOCKET_PATH} are possible"
            )
        return socket
