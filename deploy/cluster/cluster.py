"""A cluster with the park on it: the node of this machine, or the one that KUBECONFIG names."""

import os
import shutil
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.cluster.images_of_node import ImageStore
from deploy.cluster.kubernetes import ClusterFailed, Kubernetes
from deploy.cluster.neighbours_image import build_neighbours_image
from deploy.cluster.node.outside import (
    NodeFailed,
    end_node,
    erase_images,
    node_is_up,
    raise_node,
)
from deploy.cluster.node.places import NODE_NAME, NodePlaces
from deploy.cluster.node.programs import NodePrograms
from deploy.cluster.park import install_dapr, install_neighbours, install_park
from deploy.cluster.volumes import volumes
from deploy.images.engine import REPOSITORY, Engine, ImagesFailed
from deploy.runtime.paths import (
    ClusterPrograms,
    installed_cluster_programs,
    installed_runtime,
)

_ROOT: Final = Path(__file__).resolve().parents[2]
_ADD_ONS: Final = Path(__file__).parent / "add_ons"
_DIST: Final = _ROOT / "dist" / "images"
_PATIENCE_SECONDS: Final = 300

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    kubernetes: Kubernetes
    programs: ClusterPrograms
    # None where KUBECONFIG names a cluster.
    places: NodePlaces | None

    @classmethod
    def found(cls, environment: Mapping[str, str]) -> "Cluster":
        """Return KUBECONFIG's cluster, else the one of this machine, whether it is up or not.

        Raises:
            RuntimeMissing: `python -m deploy.runtime --with-cluster` was not run.
        """
        programs = installed_cluster_programs(environment)
        named = environment.get("KUBECONFIG")
        places = None if named else NodePlaces.of_this_person(environment)
        kubeconfig = Path(named) if places is None and named else _admin(places)
        return cls(
            kubernetes=Kubernetes(
                kubeconfig=kubeconfig,
                kubectl_program=programs.kubernetes / "kubectl",
                helm_program=programs.chart_tools / "helm",
            ),
            programs=programs,
            places=places,
        )

    def raise_bare(self, tell: Tell) -> None:
        """Return when the API server answers, names are resolved and Dapr is ready; safe to repeat."""
        if self.places is not None:
            self._raise_node(self.places, tell)
        install_dapr(self.kubernetes, self.programs.dapr_chart)
        tell("Dapr is ready")

    def install_demo(
        self, tell: Tell, *values: str, login: str = "http://localhost:8180"
    ) -> list[str]:
        """Install neighbours and park, and return when every pod is ready; safe to repeat.

        `login` is where browsers find Keycloak. Returns Helm's words for all values of the park's release.
        """
        if self.places is not None:
            self.load_images(tell)
        services = f"images.services.repository={REPOSITORY}/services"
        install_neighbours(
            self.kubernetes,
            *("--set", services),
            *("--set", f"images.neighbours.repository={REPOSITORY}/neighbours"),
            *("--set", f"keycloak.url={login}"),
        )
        tell("neighbours are ready")
        said = [
            *("--set", services),
            *("--set", f"images.web.repository={REPOSITORY}/web"),
            *values,
        ]
        install_park(self.kubernetes, *said)
        tell("every pod of the park is ready")
        return said

    def load_images(self, tell: Tell) -> None:
        """Load the images of `make images`, and build and load that of the neighbours."""
        store = self._store()
        for name in ("services", "web"):
            archive = _DIST / f"meterpark-{name}-{version()}.tar"
            if not archive.exists():
                raise ImagesFailed(f"{archive} is not there: make images")
            store.load(f"{REPOSITORY}/{name}:{version()}", archive, tell)
        tag = f"{REPOSITORY}/neighbours:{version()}"
        archive = _DIST / f"meterpark-neighbours-{version()}.tar"
        if not archive.exists():
            engine = Engine.found(os.environ)
            build_neighbours_image(
                engine,
                installed_runtime(os.environ),
                os.environ,
                tag=tag,
                labels={"VERSION": version(), "REVISION": ""},
                own_bases=engine.name == "buildah",
            )
            engine.save(tag, archive)
        store.load(tag, archive, tell)

    def status(self) -> tuple[str, bool]:
        """Return a table of all pods, and whether each is ready."""
        if self.places is not None and not node_is_up(self.places):
            return "no node is up on this machine", False
        pods = self.kubernetes.read("pods", "-A")["items"]
        table = self.kubernetes.kubectl("get", "pods", "-A", "-o", "wide").rstrip()
        return table, all(is_ready(pod) for pod in pods)

    def end(self, *, erase_images_too: bool) -> None:
        """End this machine's node. A cluster that KUBECONFIG names stays as it is."""
        if self.places is None:
            raise ClusterFailed("KUBECONFIG names the cluster: nothing of it is ended from here")
        end_node(self.places)
        if erase_images_too:
            erase_images(self.places)

    def _raise_node(self, places: NodePlaces, tell: Tell) -> None:
        if not node_is_up(places):
            raise_node(places, self._node_programs())
            tell("the node is laid out")
        wait(self.kubernetes.answers, "the API server does not answer", places)
        tell("the API server answers")
        self._store().load_programs(self._dapr_programs(), tell)
        for file in sorted(_ADD_ONS.glob("*.yaml")):
            self.kubernetes.kubectl("apply", "--server-side", "-f", str(file))
        self.kubernetes.apply(*volumes(places.volumes))
        wait(self._node_is_ready, "the node is not ready", places)
        tell("the node is ready")
        self.kubernetes.kubectl(
            *("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=120s")
        )
        tell("names are resolved")

    def _node_is_ready(self) -> bool:
        try:
            node = self.kubernetes.read("node", NODE_NAME)
        except ClusterFailed:
            return False
        return is_ready(node)

    def _store(self) -> ImageStore:
        if self.places is None:
            raise ClusterFailed("KUBECONFIG names the cluster: its nodes get images elsewhere")
        return ImageStore(places=self.places, programs=self._node_programs())

    def _node_programs(self) -> NodePrograms:
        return NodePrograms(
            kubernetes=self.programs.kubernetes,
            distribution=self.programs.distribution,
            network_policies=self.programs.network_policies,
        )

    def _dapr_programs(self) -> dict[str, Path]:
        runtime = installed_runtime(os.environ)
        return {
            **{
                name: getattr(runtime, name)
                for name in ("daprd", "placement", "scheduler", "sentry")
            },
            **{name: self.programs.dapr_on_cluster / name for name in ("injector", "operator")},
        }


def is_ready(resource: Mapping[str, Any]) -> bool:
    """Whether a pod or a node says that it is ready; a pod that has done its work is."""
    status = resource["status"]
    if status.get("phase") == "Succeeded":
        return True
    return any(
        one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions", [])
    )


def wait(reached: Callable[[], bool], complaint: str, places: NodePlaces) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not reached():
        if not node_is_up(places) or time.monotonic() > deadline:
            kept = places.root / "logs-of-failure"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(places.logs, kept)
            raise NodeFailed(f"{complaint}; logs of its programs are in {kept}")
        time.sleep(0.3)


def version() -> str:
    """Return the version of the images, which is the project's."""
    project: dict[str, Any] = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def _admin(places: NodePlaces | None) -> Path:
    if places is None:
        raise ClusterFailed("KUBECONFIG is empty")
    return places.kubeconfig("admin")
