"""Certificates and logins of a cluster of one node, made anew for each of its lives."""

import datetime as dt
import ipaddress
import json
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.cluster.node.places import (
    API_SERVICE_ADDRESS,
    API_URL,
    CLUSTER_DOMAIN,
    NODE_ADDRESS,
    NODE_NAME,
    NodePlaces,
)
from deploy.local.certificates.authority import Authority, key_pem, pem
from deploy.local.facts.secret_files import write_private

_BOTH: Final = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
_API: Final = (
    *("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"),
    f"kubernetes.default.svc.{CLUSTER_DOMAIN}",
)
# Who logs in with a kubeconfig: the file's name, the user, its group.
USERS: Final = {
    "admin": ("admin", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "proxy": ("system:kube-proxy", ""),
    "network-policies": ("meterpark:network-policies", ""),
    "kubelet": (f"system:node:{NODE_NAME}", "system:nodes"),
}


def make_keys(places: NodePlaces, *, now: dt.datetime) -> None:
    """Fill `places.certificates` with all that the node's programs need."""
    folder = places.certificates
    authority = Authority.new("meterpark cluster CA", now=now)
    write_private(folder / "ca.crt", pem(authority.certificate))
    # The controller manager signs what is asked for in the cluster.
    write_private(folder / "ca.key", key_pem(authority.key))

    def issue(file: str, name: str, *, group: str = "", at: tuple[str, ...] = ()) -> None:
        key, certificate = authority.issue(
            name, _BOTH, now=now, organization=group, at=[_general_name(one) for one in at]
        )
        write_private(folder / f"{file}.crt", pem(certificate))
        write_private(folder / f"{file}.key", key_pem(key))

    issue(
        "apiserver",
        "kube-apiserver",
        at=(*_API, API_SERVICE_ADDRESS, NODE_ADDRESS, "127.0.0.1"),
    )
    issue("apiserver-kubelet", "kube-apiserver-kubelet-client", group="system:masters")
    for file, (name, group) in USERS.items():
        issue(file, name, group=group, at=(NODE_NAME, NODE_ADDRESS))
        write_private(places.kubeconfig(file), _kubeconfig(places, file))
    _make_key_of_tokens(places)


def _make_key_of_tokens(places: NodePlaces) -> None:
    """With it the API server signs the tokens of service accounts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_private(places.certificates / "tokens.key", private)
    write_private(places.certificates / "tokens.pub", public)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _kubeconfig(places: NodePlaces, user: str) -> str:
    folder = places.certificates
    # YAML holds all of JSON.
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "meterpark",
                    "cluster": {
                        "server": API_URL,
                        "certificate-authority": str(folder / "ca.crt"),
                    },
                }
            ],
            "users": [
                {
                    "name": user,
                    "user": {
                        "client-certificate": str(folder / f"{user}.crt"),
                        "client-key": str(folder / f"{user}.key"),
                    },
                }
            ],
            "contexts": [{"name": "meterpark", "context": {"cluster": "meterpark", "user": user}}],
            "current-context": "meterpark",
        },
        indent=1,
    )
