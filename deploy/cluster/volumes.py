"""Volumes of the node's own folder: each is there before it is asked for, as nothing here makes one on demand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.cluster.node.places import NODE_NAME

_CLASS: Final = "local"
_COUNT: Final = 8


def volumes(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the class that claims get by default, and its volumes, after making their folders."""
    yield {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": _CLASS,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE_NAME]}
    for number in range(1, _COUNT + 1):
        place = folder / str(number)
        place.mkdir(parents=True, exist_ok=True)
        yield {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"local-{number}"},
            "spec": {
                "capacity": {"storage": "16Gi"},
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": _CLASS,
                "persistentVolumeReclaimPolicy": "Retain",
                "local": {"path": str(place)},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
            },
        }
