"""The programs of the node, with their settings: etcd, control plane, containerd, kubelet, and what moves packets."""

import json
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.cluster.node.places import (
    API_PORT,
    CLUSTER_DOMAIN,
    DNS_ADDRESS,
    NODE_ADDRESS,
    NODE_NAME,
    NODE_POD_ADDRESSES,
    POD_ADDRESSES,
    SERVICE_ADDRESSES,
    NodePlaces,
)
from deploy.runtime.node_programs import library_path

PAUSE_IMAGE: Final = "localhost/meterpark/pause:1"
_ETCD: Final = "http://127.0.0.1:2379"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePrograms:
    """Folders of what the node runs: Kubernetes' own programs, those of the distribution, the enforcer of policies."""

    kubernetes: Path
    distribution: Path
    network_policies: Path

    def environment(self) -> dict[str, str]:
        """Return the variables of each program in the node: its own programs come before the machine's."""
        places = ("usr/sbin", "usr/bin", "sbin", "bin")
        xtables = next(iter(self.distribution.glob("usr/lib/*-linux-gnu/xtables")), "")
        return {
            "PATH": ":".join(
                [
                    *(str(self.distribution / place) for place in places),
                    *(f"/{place}" for place in places),
                ]
            ),
            "LD_LIBRARY_PATH": library_path(self.distribution),
            "XTABLES_LIBDIR": str(xtables),
            "HOME": "/root",
        }


def commands(places: NodePlaces, programs: NodePrograms) -> dict[str, list[str]]:
    """Return each program's name and command, after writing the files that they read."""
    folder = places.configuration
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "containerd.toml", _containerd(places, programs))
    _write(folder / "cni" / "10-bridge.conflist", json.dumps(_POD_NETWORK))
    _write(folder / "resolv.conf", "nameserver 127.0.0.1\n")
    _write(folder / "kubelet.yaml", json.dumps(_kubelet(places)))
    _write(folder / "kube-proxy.yaml", json.dumps(_kube_proxy(places)))
    binary = programs.kubernetes
    return {
        "etcd": [
            str(programs.distribution / "usr/bin/etcd"),
            *_options(
                {
                    "data-dir": places.etcd,
                    "listen-client-urls": _ETCD,
                    "advertise-client-urls": _ETCD,
                    "listen-peer-urls": "http://127.0.0.1:2380",
                    "log-level": "warn",
                    "unsafe-no-fsync": "true",
                }
            ),
        ],
        "kube-apiserver": [str(binary / "kube-apiserver"), *_options(_api_server(places))],
        "kube-controller-manager": [
            str(binary / "kube-controller-manager"),
            *_options(_controller_manager(places)),
        ],
        "kube-scheduler": [
            str(binary / "kube-scheduler"),
            *_options(
                {
                    "kubeconfig": places.kubeconfig("scheduler"),
                    "leader-elect": "false",
                    "bind-address": "127.0.0.1",
                }
            ),
        ],
        "containerd": [
            str(programs.distribution / "usr/bin/containerd"),
            *("--config", str(folder / "containerd.toml")),
        ],
        "kubelet": [
            str(binary / "kubelet"),
            *_options(
                {
                    "config": folder / "kubelet.yaml",
                    "kubeconfig": places.kubeconfig("kubelet"),
                    "hostname-override": NODE_NAME,
                    "node-ip": NODE_ADDRESS,
                    "root-dir": "/var/lib/kubelet",
                }
            ),
        ],
        "kube-proxy": [
            str(binary / "kube-proxy"),
            *_options({"config": folder / "kube-proxy.yaml"}),
        ],
        "kube-router": [
            str(programs.network_policies / "kube-router"),
            *_options(
                {
                    "kubeconfig": places.kubeconfig("network-policies"),
                    "hostname-override": NODE_NAME,
                    # Policies alone: routes and services are others' work here.
                    "run-firewall": "true",
                    "run-router": "false",
                    "run-service-proxy": "false",
                    "service-cluster-ip-range": SERVICE_ADDRESSES,
                }
            ),
        ],
    }


def _api_server(places: NodePlaces) -> dict[str, str | Path]:
    keys = places.certificates
    return {
        "etcd-servers": _ETCD,
        "advertise-address": NODE_ADDRESS,
        "secure-port": str(API_PORT),
        "tls-cert-file": keys / "apiserver.crt",
        "tls-private-key-file": keys / "apiserver.key",
        "client-ca-file": keys / "ca.crt",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "service-account-key-file": keys / "tokens.pub",
        "service-account-signing-key-file": keys / "tokens.key",
        "service-account-issuer": f"https://kubernetes.default.svc.{CLUSTER_DOMAIN}",
        "service-cluster-ip-range": SERVICE_ADDRESSES,
        "allow-privileged": "true",
        "kubelet-client-certificate": keys / "apiserver-kubelet.crt",
        "kubelet-client-key": keys / "apiserver-kubelet.key",
        "kubelet-certificate-authority": keys / "ca.crt",
        "kubelet-preferred-address-types": "InternalIP",
    }


def _controller_manager(places: NodePlaces) -> dict[str, str | Path]:
    keys = places.certificates
    return {
        "kubeconfig": places.kubeconfig("controller-manager"),
        "service-account-private-key-file": keys / "tokens.key",
        "use-service-account-credentials": "true",
        "root-ca-file": keys / "ca.crt",
        "cluster-signing-cert-file": keys / "ca.crt",
        "cluster-signing-key-file": keys / "ca.key",
        "leader-elect": "false",
        "allocate-node-cidrs": "true",
        "cluster-cidr": POD_ADDRESSES,
        "service-cluster-ip-range": SERVICE_ADDRESSES,
        "bind-address": "127.0.0.1",
    }


def _containerd(places: NodePlaces, programs: NodePrograms) -> str:
    """For containerd 1.6, as Debian 12 has it, and 1.7."""
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return f"""\
version = 2
root = "{places.images}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", \
"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]

[grpc]
address = "{places.containerd_socket}"

[{cri}]
sandbox_image = "{PAUSE_IMAGE}"
disable_apparmor = true
restrict_oom_score_adj = true

[{cri}.containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"

[{cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[{cri}.containerd.runtimes.runc.options]
SystemdCgroup = false

[{cri}.cni]
bin_dir = "{programs.distribution / "usr/lib/cni"}"
conf_dir = "{places.configuration / "cni"}"
"""


_POD_NETWORK: Final[Mapping[str, Any]] = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipMasq": True,
            "hairpinMode": True,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": NODE_POD_ADDRESSES}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}


def _kubelet(places: NodePlaces) -> dict[str, Any]:
    keys = places.certificates
    _, open_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(keys / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(keys / "kubelet.crt"),
        "tlsPrivateKeyFile": str(keys / "kubelet.key"),
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": CLUSTER_DOMAIN,
        "resolvConf": str(places.configuration / "resolv.conf"),
        "containerRuntimeEndpoint": f"unix://{places.containerd_socket}",
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        # Nobody could pull again what was collected.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "failSwapOn": False,
        "maxPods": 60,
        # Else a pod may wait 90 s for a Secret or a ConfigMap that has changed.
        "syncFrequency": "5s",
        "maxOpenFiles": open_files,
        "volumePluginDir": str(places.var / "volume-plugins"),
        "serializeImagePulls": False,
    }


def _kube_proxy(places: NodePlaces) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clusterCIDR": POD_ADDRESSES,
        "hostnameOverride": NODE_NAME,
        "clientConnection": {"kubeconfig": str(places.kubeconfig("proxy"))},
        # Limits of the whole machine stay as they are.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
    }


def _options(options: Mapping[str, str | Path]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items()]


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
