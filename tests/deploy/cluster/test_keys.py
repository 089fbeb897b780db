"""Certificates of a node: each under its one authority, for the name by which Kubernetes knows its holder."""

import datetime as dt
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from deploy.cluster.node.keys import USERS, make_keys
from deploy.cluster.node.places import API_SERVICE_ADDRESS, API_URL, NODE_ADDRESS, NodePlaces

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> NodePlaces:
    made = NodePlaces(root=tmp_path_factory.mktemp("node"))
    make_keys(made, now=NOW)
    return made


def certificate(places: NodePlaces, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((places.certificates / f"{name}.crt").read_bytes())


@pytest.mark.parametrize("name", [*USERS, "apiserver", "apiserver-kubelet"])
def test_every_certificate_is_signed_by_the_nodes_authority(places: NodePlaces, name: str) -> None:
    certificate(places, name).verify_directly_issued_by(certificate(places, "ca"))


@pytest.mark.parametrize("name", USERS)
def test_a_kubeconfig_leads_to_the_node_as_its_user(places: NodePlaces, name: str) -> None:
    said = json.loads(places.kubeconfig(name).read_text())
    [cluster] = said["clusters"]
    assert cluster["cluster"]["server"] == API_URL
    [user] = said["users"]
    assert all(Path(file).is_file() for file in user["user"].values())
    subject = certificate(places, name).subject
    expected, group = USERS[name]
    [common] = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common.value == expected
    groups = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert [one.value for one in groups] == ([group] if group else [])


def test_the_api_server_is_known_by_all_its_addresses(places: NodePlaces) -> None:
    names = certificate(places, "apiserver").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    addresses = {str(one) for one in names.value.get_values_for_type(x509.IPAddress)}
    assert {NODE_ADDRESS, API_SERVICE_ADDRESS, "127.0.0.1"} <= addresses
    assert "kubernetes.default.svc" in names.value.get_values_for_type(x509.DNSName)


def test_only_their_owner_reads_the_keys(places: NodePlaces) -> None:
    keys = [*places.certificates.glob("*.key"), *places.certificates.glob("*.conf")]
    assert keys
    assert {file.stat().st_mode & 0o077 for file in keys} == {0}
