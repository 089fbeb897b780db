"""Connections of a stack that lead through Toxiproxy, so that they can be cut, silenced and slowed down.

https://github.com/Shopify/toxiproxy: a proxy on this machine with an HTTP interface; ``timeout`` and ``latency`` are
its words for trouble (toxics).
"""

from __future__ import annotations

import asyncio
import random
import subprocess
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from benchmarks.trouble import BenchFailed
from deploy.local.facts.ports import WELL_KNOWN, is_free
from faults.kinds.table import CONNECTOR_TO_BROKER, HES_TO_BROKER, SERVICES_TO_MONGOD, How

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from deploy.local.facts.state_directory import StateDirectory

_START_SECONDS: Final = 10.0
_CUT_SECONDS: Final = 0.5
_GLANCE_SECONDS: Final = 0.05
_PORTS: Final = range(20_000, 32_000)
_LOCAL: Final = "127.0.0.1"
_LOG: Final = "proxy.log"
# By how: the toxic that is put into both directions.
_TOXICS: Final[Mapping[How, dict[str, Any]]] = {
    # No time: it holds the data for as long as it is there, and closes the connections when it is taken away.
    How.SILENT: {"type": "timeout", "attributes": {"timeout": 0}},
    How.SLOW: {"type": "latency", "attributes": {"latency": 2_000, "jitter": 1_000}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyPorts:
    """Where the proxy listens for each link; ``stack`` are the ports of the stack behind it."""

    stack: Mapping[str, int]
    hes: int
    connector: int
    mongod: int

    @classmethod
    def chosen(cls) -> ProxyPorts:
        hes, connector, mongod, *rest = free_ports(3 + len(WELL_KNOWN))
        return cls(
            stack=dict(zip(WELL_KNOWN, rest, strict=True)),
            hes=hes,
            connector=connector,
            mongod=mongod,
        )

    def routes(self) -> dict[str, tuple[int, int]]:
        """Return by link where the proxy listens, and where that leads."""
        return {
            HES_TO_BROKER: (self.hes, self.stack["broker"]),
            CONNECTOR_TO_BROKER: (self.connector, self.stack["broker-tls"]),
            SERVICES_TO_MONGOD: (self.mongod, self.stack["mongod"]),
        }


def lead_connector(state: StateDirectory, ports: ProxyPorts) -> None:
    """Let the connector reach its broker through the proxy from its next start on."""
    configuration = state.connector_configuration
    direct = f"localhost:{ports.stack['broker-tls']}"
    text = configuration.read_text()
    if direct not in text:
        raise BenchFailed(f"{configuration} does not name {direct}")
    configuration.write_text(text.replace(direct, f"localhost:{ports.connector}"))


def free_ports(count: int) -> list[int]:
    """Return so many ports of this machine that nobody listens on."""
    wanted = random.sample(_PORTS, len(_PORTS))
    free = (port for port in wanted if is_free(port))
    return [next(free) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Links:
    """The proxy's links, by their names."""

    session: aiohttp.ClientSession

    async def trouble(self, link: str, how: How, seconds: float) -> None:
        """Make trouble on a link, and take it away again, whatever ends this."""
        name = _name(link)
        if how is How.CUT:
            try:
                await self._ask("POST", f"/proxies/{name}", {"enabled": False})
                await asyncio.sleep(_CUT_SECONDS)
            finally:
                await self._ask("POST", f"/proxies/{name}", {"enabled": True})
            return
        try:
            for stream in ("upstream", "downstream"):
                toxic = {"name": stream, "stream": stream, **_TOXICS[how]}
                await self._ask("POST", f"/proxies/{name}/toxics", toxic)
            await asyncio.sleep(seconds)
        finally:
            for stream in ("upstream", "downstream"):
                await self._ask("DELETE", f"/proxies/{name}/toxics/{stream}")

    async def lead(self, link: str, listen: int, upstream: int) -> None:
        """Let whoever connects to ``listen`` reach ``upstream``; both are ports of this machine."""
        proxy = {
            "name": _name(link),
            "listen": f"{_LOCAL}:{listen}",
            "upstream": f"{_LOCAL}:{upstream}",
            "enabled": True,
        }
        await self._ask("POST", "/proxies", proxy)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        async with self.session.request(method, path, json=body) as answer:
            if not answer.ok:
                said = await answer.text()
                raise BenchFailed(f"the proxy: {method} {path}: {answer.status} {said}")


@contextmanager
def proxy(program: Path, folder: Path) -> Iterator[int]:
    """Start the proxy, and yield the port of its interface; it ends with the block, or with this process."""
    [port] = free_ports(1)
    with (folder / _LOG).open("wb") as log:
        running = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", program, "-host", _LOCAL, "-port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield port
    finally:
        running.kill()
        running.wait()


@asynccontextmanager
async def links_of(port: int, routes: Mapping[str, tuple[int, int]]) -> AsyncIterator[Links]:
    """Make ``routes`` at the proxy: by link, where it listens and where that leads.

    Raises:
        BenchFailed: it does not answer.
    """
    async with aiohttp.ClientSession(f"http://{_LOCAL}:{port}") as session:
        await _until_it_answers(session)
        links = Links(session)
        for link, (listen, upstream) in routes.items():
            await links.lead(link, listen, upstream)
        yield links


async def _until_it_answers(session: aiohttp.ClientSession) -> None:
    try:
        async with asyncio.timeout(_START_SECONDS):
            while True:
                try:
                    async with session.get("/version"):
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(_GLANCE_SECONDS)
    except TimeoutError:
        raise BenchFailed(f"the proxy does not answer; see {_LOG} beside the history") from None


def _name(link: str) -> str:
    return link.replace(" ", "-")
