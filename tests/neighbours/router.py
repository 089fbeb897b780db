"""A router of a test's own: real, over a supergraph that the test composes, with tokens of an issuer that it runs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.runtime.node import ROUTER_SOURCE
from deploy.runtime.paths import installed_node, installed_router_packages
from deploy.supergraph import compose
from tests.neighbours.issuer import ISSUER, Issuer
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """Its files are in `folder`; behind it is nobody, unless a test listens at `bff_port`."""

    folder: Path
    port: int
    bff_port: int
    process: Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def compose(self, schema: str) -> None:
        """Put the supergraph of another schema where the router reads it."""
        (self.folder / "schema.graphql").write_text(schema)
        compose(self.folder / "schema.graphql", self.folder)


def router_settings(folder: Path, issuer: Issuer, port: int, bff_port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ROUTER_PACKAGES": str(installed_router_packages(os.environ)),
        "ROUTER_PORT": str(port),
        "ROUTER_SUPERGRAPH": str(folder / "supergraph.graphql"),
        "ROUTER_BFF_URL": f"http://127.0.0.1:{bff_port}/graphql",
        "ROUTER_TOKEN_ISSUER": ISSUER,
        "ROUTER_TOKEN_JWKS_URL": issuer.jwks_url,
    }


def launch(folder: Path, environment: Mapping[str, str], source: Path = ROUTER_SOURCE) -> Process:
    """Start the program; return before it serves."""
    # Encoded, as Node takes what stands there for a URL.
    packages = (source / "packages.mjs").as_uri()
    command: list[str | Path] = [
        *(installed_node(os.environ), "--import", packages),
        source / "main.mjs",
    ]
    return start("router", command, folder=folder, environment=environment)


@contextmanager
def running_router(
    folder: Path,
    issuer: Issuer,
    schema: str,
    environment: Mapping[str, str] | None = None,
    /,
    **more: str,
) -> Iterator[Router]:
    """Run a router over `schema`; `more` are settings of its own, ROUTER_..., by the rest of their names."""
    port, bff_port = free_ports(2)
    (folder / "schema.graphql").write_text(schema)
    compose(folder / "schema.graphql", folder)
    settings = router_settings(folder, issuer, port, bff_port)
    own = {f"ROUTER_{name}": value for name, value in more.items()}
    process = launch(folder, {**settings, **own, **(environment or {})})
    try:
        yield Router(folder=folder, port=port, bff_port=bff_port, process=process)
    finally:
        process.stop()
