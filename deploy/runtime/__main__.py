"""Fetch or build every missing component; say what takes long; change nothing when all is there."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from deploy.runtime.activemq import activemq
from deploy.runtime.artemis import artemis
from deploy.runtime.cache import cache_root
from deploy.runtime.go_builds import (
    CHART_TOOLS,
    DAPR_ON_CLUSTER,
    DATABASE_TOOLS,
    KUBERNETES,
    NETWORK_POLICIES,
    SYFT,
    TOOLS,
    TOXIPROXY,
    build,
    dapr,
)
from deploy.runtime.java import java
from deploy.runtime.keycloak import keycloak
from deploy.runtime.kubernetes_schemas import kubernetes_schemas
from deploy.runtime.node import router_packages
from deploy.runtime.node_programs import node_programs
from deploy.runtime.page import page
from deploy.runtime.progress import InstallFailed, Progress
from deploy.runtime.prometheus import prometheus
from deploy.runtime.python_packages import mongod


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.runtime", description=__doc__)
    parser.add_argument(
        "--with-tests", action="store_true", help="also install what only the tests need"
    )
    parser.add_argument("--with-observability", action="store_true", help="also bring Prometheus")
    parser.add_argument(
        "--with-toxiproxy", action="store_true", help="also build what `make faults` needs"
    )
    parser.add_argument(
        "--with-images", action="store_true", help="also build what lists the parts of images"
    )
    parser.add_argument(
        "--with-cluster",
        action="store_true",
        help="also bring what deploy.cluster needs: Helm, and a Kubernetes for this machine",
    )
    said = parser.parse_args(arguments)
    environment = dict(os.environ)
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    try:
        cache = cache_root(environment)
        progress = Progress(logs=cache / "logs")
        _bring(said, cache, progress, environment)
    except InstallFailed as failure:
        print(f"runtime: {failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"runtime: {in_words(error, cache_root(environment))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("runtime: interrupted; the next run continues", file=sys.stderr)
        return 130
    print(f"runtime: complete in {cache} ({time.monotonic() - started:.0f} s)", file=sys.stderr)
    return 0


def _bring(
    said: argparse.Namespace, cache: Path, progress: Progress, environment: dict[str, str]
) -> None:
    """Bring what every stack needs, and what `said` asks for."""
    java(environment)
    mongod(cache, progress, environment)
    activemq(cache, progress, environment)
    keycloak(cache, progress, environment)
    router_packages(cache, progress, environment)
    page(cache, progress, environment)
    if said.with_tests:
        artemis(cache, progress, environment)
    if said.with_tests or said.with_cluster:
        kubernetes_schemas(cache, progress, environment)
        build(CHART_TOOLS, cache, progress, environment)
    if said.with_tests or said.with_observability:
        prometheus(cache, progress, environment)
    if said.with_toxiproxy:
        build(TOXIPROXY, cache, progress, environment)
    if said.with_images or said.with_cluster:
        build(SYFT, cache, progress, environment)
    build(TOOLS, cache, progress, environment)
    build(DATABASE_TOOLS, cache, progress, environment)
    dapr(cache, progress, environment)
    if said.with_cluster:
        node_programs(cache, progress, environment)
        for order in (DAPR_ON_CLUSTER, KUBERNETES, NETWORK_POLICIES):
            build(order, cache, progress, environment)


def in_words(error: OSError, cache: Path) -> str:
    """Say what the user can do about a full disk, or a folder without the right to write."""
    return (
        f"{error.filename or cache}: {error.strerror}; the programs need some 2 GB in {cache}: "
        "make room there, or set XDG_CACHE_HOME to keep them elsewhere"
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
