"""Where the node keeps its things, and the addresses in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.facts.state_directory import UnusableStateDirectory

NODE_NAME: Final = "node1"
# A cable between host and node, of two addresses; nothing else of the node can be reached from the host.
HOST_ADDRESS: Final = "10.199.0.1"
NODE_ADDRESS: Final = "10.199.0.2"
CABLE: Final = "meterpark-node"
API_PORT: Final = 6443
API_URL: Final = f"https://{NODE_ADDRESS}:{API_PORT}"
POD_ADDRESSES: Final = "10.244.0.0/16"
NODE_POD_ADDRESSES: Final = "10.244.0.0/24"
SERVICE_ADDRESSES: Final = "10.96.0.0/16"
API_SERVICE_ADDRESS: Final = "10.96.0.1"
DNS_ADDRESS: Final = "10.96.0.10"
CLUSTER_DOMAIN: Final = "cluster.local"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlaces:
    """Names of what lies in `root`.

    All but `images` is of one life of the node, and goes with it.
    """

    root: Path

    @classmethod
    def of_this_person(cls, environment: Mapping[str, str]) -> "NodePlaces":
        """`$XDG_STATE_HOME/meterpark-cluster`, else `~/.local/state/...`.

        Raises:
            UnusableStateDirectory: neither is known.
        """
        named = environment.get("XDG_STATE_HOME")
        if not named and not environment.get("HOME"):
            raise UnusableStateDirectory(
                "the folder for the node's data is not known: set HOME or XDG_STATE_HOME"
            )
        home = Path(named) if named else Path(environment["HOME"]) / ".local" / "state"
        return cls(root=home.absolute() / "meterpark-cluster")

    @property
    def life(self) -> Path:
        return self.root / "life"

    @property
    def certificates(self) -> Path:
        return self.life / "certificates"

    def kubeconfig(self, user: str) -> Path:
        return self.certificates / f"{user}.conf"

    @property
    def configuration(self) -> Path:
        """Files that the node's programs read."""
        return self.life / "configuration"

    @property
    def logs(self) -> Path:
        return self.life / "logs"

    @property
    def etcd(self) -> Path:
        return self.life / "etcd"

    @property
    def var(self) -> Path:
        """What Kubernetes writes below /var on other nodes."""
        return self.life / "var"

    @property
    def volumes(self) -> Path:
        return self.life / "volumes"

    @property
    def pid(self) -> Path:
        """Of the process, as the host counts, whose end is the node's end."""
        return self.life / "pid"

    @property
    def control_groups(self) -> Path:
        """A list of folders, one a line."""
        return self.life / "control-groups"

    @property
    def ready(self) -> Path:
        """Written by the node when its namespaces are laid out."""
        return self.life / "laid-out"

    @property
    def cabled(self) -> Path:
        """Written by the host when the node has its cable."""
        return self.life / "cabled"

    @property
    def containerd_socket(self) -> Path:
        return self.life / "containerd.sock"

    @property
    def images(self) -> Path:
        """Images and their layers, kept from one life of the node to the next."""
        return self.root / "containerd"
