"""The verbs of a cluster for trying out and for tests: up, status, down."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence

from deploy.cluster.cluster import Cluster
from deploy.cluster.images_of_node import LoadFailed
from deploy.cluster.kubernetes import ClusterFailed
from deploy.cluster.node.outside import NodeFailed
from deploy.images.engine import ImagesFailed
from deploy.local.facts.state_directory import UnusableStateDirectory
from deploy.runtime.paths import RuntimeMissing
from deploy.runtime.progress import InstallFailed

_INTERRUPTED = 130
# What a person reads in one line.
FAILURES = (
    ClusterFailed,
    ImagesFailed,
    InstallFailed,
    LoadFailed,
    NodeFailed,
    RuntimeMissing,
    UnusableStateDirectory,
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.cluster",
        description=__doc__,
        epilog=(
            "Without KUBECONFIG a node is raised on this machine (as root; Linux with control groups of version 1), "
            "in namespaces of its own. With KUBECONFIG its cluster is used, whose nodes must reach the images."
        ),
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="raise the node, install Dapr, the neighbours and the park")
    up.add_argument(
        "--bare", action="store_true", help="raise the node and install Dapr, and stop there"
    )
    verbs.add_parser("status", help="show every pod; exit 1 if one is not ready")
    down = verbs.add_parser("down", help="end the node and all in it; its images stay")
    down.add_argument("--images", action="store_true", help="erase its images, too")
    said = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"  {time.monotonic() - started:5.1f} s  {text}", flush=True)

    try:
        cluster = Cluster.found(os.environ)
        match said.verb:
            case "up":
                cluster.raise_bare(tell)
                if not said.bare:
                    cluster.install_demo(tell)
                print(f"export KUBECONFIG={cluster.kubernetes.kubeconfig}")
                return 0
            case "status":
                text, ready = cluster.status()
                print(text)
                return 0 if ready else 1
            case _:
                cluster.end(erase_images_too=said.images)
                return 0
    except KeyboardInterrupt:
        print("interrupted; python -m deploy.cluster down ends what was started", file=sys.stderr)
        return _INTERRUPTED
    except FAILURES as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
