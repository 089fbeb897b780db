"""The places of the runtime's programs, for the code that starts them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.runtime.activemq import ACTIVEMQ
from deploy.runtime.artemis import ARTEMIS
from deploy.runtime.cache import Component, cache_root
from deploy.runtime.go_builds import (
    CHART_TOOLS,
    DAPR,
    DAPR_ON_CLUSTER,
    DATABASE_TOOLS,
    KUBERNETES,
    NETWORK_POLICIES,
    SYFT,
    TOOLS,
    TOXIPROXY,
    dapr_of_this_person,
)
from deploy.runtime.java import java
from deploy.runtime.keycloak import KEYCLOAK
from deploy.runtime.kubernetes_schemas import KUBERNETES_SCHEMAS
from deploy.runtime.node import NODE, router_packages_component
from deploy.runtime.node_programs import NODE_PROGRAMS
from deploy.runtime.page import page_component, page_packages_component
from deploy.runtime.prometheus import PROMETHEUS
from deploy.runtime.python_packages import MONGOD


class RuntimeMissing(Exception):
    """A component is not installed; the text says which and what to type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Paths of programs. A stack only reads the folders: `activemq_jars`, `keycloak`, `router_packages`, `page`."""

    daprd: Path
    placement: Path
    scheduler: Path
    sentry: Path
    mongod: Path
    mongodump: Path
    mongorestore: Path
    activemq_jars: Path
    keycloak: Path
    java: Path
    node: Path
    router_packages: Path
    page: Path
    process_compose: Path
    grpc_health_probe: Path
    # Only for WITH=observability: else it may be missing.
    prometheus: Path | None


def installed_runtime(environment: Mapping[str, str]) -> Runtime:
    """Return the paths of a complete runtime; start, fetch and build nothing.

    Raises:
        RuntimeMissing: `make runtime` was not run, or not to its end.
        InstallFailed: there is no fitting Java.
    """
    cache = cache_root(environment)
    dapr = dapr_of_this_person(environment) or _installed(DAPR.component, cache)
    tools = _installed(TOOLS.component, cache)
    return Runtime(
        daprd=dapr / "daprd",
        placement=dapr / "placement",
        scheduler=dapr / "scheduler",
        sentry=dapr / "sentry",
        mongod=installed_mongod(environment),
        mongodump=installed_database_tools(environment) / "mongodump",
        mongorestore=installed_database_tools(environment) / "mongorestore",
        activemq_jars=installed_activemq(environment),
        keycloak=_installed(KEYCLOAK, cache),
        java=java(environment),
        node=installed_node(environment),
        router_packages=installed_router_packages(environment),
        page=_installed(page_component(), cache),
        process_compose=tools / "process-compose",
        grpc_health_probe=tools / "grpc-health-probe",
        prometheus=brought if (brought := PROMETHEUS.folder(cache)).is_dir() else None,
    )


def installed_mongod(environment: Mapping[str, str]) -> Path:
    return _installed(MONGOD, cache_root(environment)) / "mongod"


def installed_database_tools(environment: Mapping[str, str]) -> Path:
    """Return the folder with mongodump and mongorestore."""
    return _installed(DATABASE_TOOLS.component, cache_root(environment))


def installed_activemq(environment: Mapping[str, str]) -> Path:
    return _installed(ACTIVEMQ, cache_root(environment))


def installed_node(environment: Mapping[str, str]) -> Path:
    return _installed(NODE, cache_root(environment)) / "node"


def installed_router_packages(environment: Mapping[str, str]) -> Path:
    """Return the folder that holds `node_modules`, as the router's lock file has them."""
    return _installed(router_packages_component(), cache_root(environment))


def installed_page_packages() -> Path:
    """Return the folder that holds `node_modules`, as the page's lock file has them."""
    return _installed(page_packages_component(), cache_root(os.environ))


def installed_artemis(environment: Mapping[str, str]) -> Path:
    """Return the folder with the jars of the broker that only the tests speak with."""
    return _installed(ARTEMIS, cache_root(environment), brought_by="make test") / "lib"


def installed_chart_tools(environment: Mapping[str, str]) -> Path:
    """Return the folder with helm, helm-docs, helm-unittest and kubeconform, which only the tests use."""
    return _installed(CHART_TOOLS.component, cache_root(environment), brought_by="make test")


def installed_toxiproxy(environment: Mapping[str, str]) -> Path:
    """Return the proxy that makes trouble on connections, for `make faults` alone."""
    folder = _installed(TOXIPROXY.component, cache_root(environment), brought_by="make faults")
    return folder / "server"


def installed_syft(environment: Mapping[str, str]) -> Path:
    """Return the program that lists what is in an image."""
    folder = _installed(SYFT.component, cache_root(environment), brought_by="make images")
    return folder / "syft"


def installed_promtool(environment: Mapping[str, str]) -> Path:
    folder = _installed(PROMETHEUS, cache_root(environment), brought_by="make test")
    return folder / "usr" / "bin" / "promtool"


def installed_kubernetes_schemas(environment: Mapping[str, str]) -> Path:
    """Return the folder with JSON schemas in `schemas/`, and Dapr's own chart in `dapr/`."""
    return _installed(KUBERNETES_SCHEMAS, cache_root(environment), brought_by="make test")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPrograms:
    """Folders of programs that only a cluster on this machine needs; and Dapr's own chart."""

    kubernetes: Path
    network_policies: Path
    distribution: Path
    dapr_on_cluster: Path
    chart_tools: Path
    dapr_chart: Path


def installed_cluster_programs(environment: Mapping[str, str]) -> ClusterPrograms:
    """Return what `deploy.runtime --with-cluster` brings beside the rest.

    Raises:
        RuntimeMissing: it was not run, or not to its end.
    """
    cache = cache_root(environment)

    def of(component: Component) -> Path:
        return _installed(component, cache, brought_by="make test-cluster")

    return ClusterPrograms(
        kubernetes=of(KUBERNETES.component),
        network_policies=of(NETWORK_POLICIES.component),
        distribution=of(NODE_PROGRAMS),
        dapr_on_cluster=of(DAPR_ON_CLUSTER.component),
        chart_tools=of(CHART_TOOLS.component),
        dapr_chart=of(KUBERNETES_SCHEMAS) / "dapr",
    )


def _installed(component: Component, cache: Path, *, brought_by: str = "make runtime") -> Path:
    folder = component.folder(cache)
    if not folder.is_dir():
        raise RuntimeMissing(f"{component.title} is not installed in {cache}: run `{brought_by}`")
    return folder
