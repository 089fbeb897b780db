"""Each service's health has a word for progress, from its own process, while the empty name goes on serving."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from service_status.health import PROGRESS
from tests.neighbours.mongod import Mongod
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start

ROOT = Path(__file__).parents[2]
ISSUER = "http://127.0.0.1:1/realms/meterpark"
KEYS = "http://127.0.0.1:1/certs"
SECRET = "a-secret-that-is-long-enough-to-be-one"  # noqa: S105 - of nobody
UNREACHABLE = """
sources:
  - name: hes
    broker: {url: amqp://127.0.0.1:1}
    destinations: queue://METERS
    network: north
"""


@contextmanager
def running(folder: Path, module: str, settings: Mapping[str, str]) -> Iterator[Process]:
    # Its sidecar is away: by default it would look for one on a port that another stack may have.
    environment = {
        "PATH": os.environ["PATH"],
        "APP_API_TOKEN": SECRET,
        "DAPR_GRPC_PORT": str(*free_ports(1)),
        **settings,
    }
    command = [sys.executable, "-m", module]
    process = start(module, command, folder=folder, cwd=ROOT, environment=environment)
    try:
        yield process
    except Exception as error:
        raise process.failure("did not do as it should") from error
    finally:
        process.kill()


@asynccontextmanager
async def health_at(port: int) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel, asyncio.timeout(90):
        yield HealthStub(channel)


async def until(health: Any, state: int) -> None:
    """Watch until progress has this state."""
    request = HealthCheckRequest(service=PROGRESS)
    async for answer in health.Watch(request, wait_for_ready=True):
        if answer.status == state:
            return
    raise AssertionError("nobody says anything any more")


async def serves(health: Any) -> bool:
    answer = await health.Check(HealthCheckRequest())
    return bool(answer.status == HealthCheckResponse.SERVING)


def settings_of(app: str, mongod: Mongod, port: int, folder: Path) -> Mapping[str, str]:
    secret = folder / "secret"
    secret.write_text(SECRET)
    more = {
        "ACTOR_PROOF_SECRET_FILE": str(secret),
        "CLIENT_SECRET_FILE": str(secret),
        "TOKEN_URL": "http://127.0.0.1:1/token",
    }
    common = {
        "GRPC_PORT": str(port),
        "MONGODB_URL": mongod.url,
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_JWKS_URL": KEYS,
        "STANDSTILL_SECONDS": "1",
    }
    settings = {**common, **(more if app == "device_hub" else {})}
    return {f"{app.upper()}_{name}": value for name, value in settings.items()}


@pytest.mark.parametrize("app", ["device_hub", "smoc_service"])
async def test_a_service_whose_database_goes_away_says_so_and_says_when_it_is_back(
    tmp_path: Path, app: str
) -> None:
    mongod = await asyncio.to_thread(Mongod.started, tmp_path)
    [port] = free_ports(1)
    try:
        with running(tmp_path, app, settings_of(app, mongod, port, tmp_path)):
            async with health_at(port) as health:
                await until(health, HealthCheckResponse.SERVING)
                await asyncio.to_thread(mongod.stop)
                await until(health, HealthCheckResponse.NOT_SERVING)
                assert await serves(health)
                await asyncio.to_thread(mongod.start)
                await until(health, HealthCheckResponse.SERVING)
    finally:
        mongod.stop()


async def test_a_connector_whose_broker_is_away_says_so(tmp_path: Path) -> None:
    configuration = tmp_path / "connector.yaml"
    configuration.write_text(UNREACHABLE)
    [port] = free_ports(1)
    settings = {
        "IEC_CONNECTOR_CONFIG": str(configuration),
        "IEC_CONNECTOR_GRPC_PORT": str(port),
        "IEC_CONNECTOR_STANDSTILL_SECONDS": "1",
    }
    with running(tmp_path, "iec_connector", settings):
        async with health_at(port) as health:
            await until(health, HealthCheckResponse.NOT_SERVING)
            assert await serves(health)
