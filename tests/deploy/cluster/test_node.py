"""Settings of the node's programs agree with each other and with what is applied to the node."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.cluster.images_of_node import COREDNS_IMAGE
from deploy.cluster.node.keys import USERS
from deploy.cluster.node.places import DNS_ADDRESS, NodePlaces
from deploy.cluster.node.programs import PAUSE_IMAGE, NodePrograms, commands
from deploy.cluster.volumes import volumes

ADD_ONS = Path(__file__).resolve().parents[3] / "deploy" / "cluster" / "add_ons"


@pytest.fixture
def places(tmp_path: Path) -> NodePlaces:
    return NodePlaces(root=tmp_path)


@pytest.fixture
def started(places: NodePlaces, tmp_path: Path) -> dict[str, list[str]]:
    programs = NodePrograms(
        kubernetes=tmp_path / "k", distribution=tmp_path / "d", network_policies=tmp_path / "n"
    )
    return commands(places, programs)


def add_on(file: str, kind: str) -> dict[str, Any]:
    documents = yaml.safe_load_all((ADD_ONS / file).read_text())
    [found] = [one for one in documents if one["kind"] == kind]
    return dict(found)


def test_containerd_and_kubelet_meet_at_one_socket(
    places: NodePlaces, started: dict[str, list[str]]
) -> None:
    assert started
    said = tomllib.loads((places.configuration / "containerd.toml").read_text())
    kubelet = yaml.safe_load((places.configuration / "kubelet.yaml").read_text())
    assert kubelet["containerRuntimeEndpoint"] == f"unix://{said['grpc']['address']}"
    assert said["plugins"]["io.containerd.grpc.v1.cri"]["sandbox_image"] == PAUSE_IMAGE


def test_pods_ask_the_address_of_coredns_for_names(
    places: NodePlaces, started: dict[str, list[str]]
) -> None:
    assert started
    kubelet = yaml.safe_load((places.configuration / "kubelet.yaml").read_text())
    assert kubelet["clusterDNS"] == [DNS_ADDRESS]
    assert add_on("coredns.yaml", "Service")["spec"]["clusterIP"] == DNS_ADDRESS
    [container] = add_on("coredns.yaml", "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == COREDNS_IMAGE


def test_who_enforces_network_policies_may_read_them() -> None:
    [subject] = add_on("network-policies.yaml", "ClusterRoleBinding")["subjects"]
    assert subject["name"] == USERS["network-policies"][0]


def test_every_program_finds_its_files(places: NodePlaces, started: dict[str, list[str]]) -> None:
    written = {str(file) for file in places.configuration.rglob("*") if file.is_file()}
    named = {
        value
        for command in started.values()
        for word in command
        if (value := word.rpartition("=")[2]).startswith(str(places.configuration))
    }
    assert named
    assert named <= written


def test_each_volume_is_a_folder_of_the_node(places: NodePlaces) -> None:
    made = [one for one in volumes(places.volumes) if one["kind"] == "PersistentVolume"]
    assert made
    assert all(Path(one["spec"]["local"]["path"]).is_dir() for one in made)
