"""The register as the process that is deployed: settings, start, a database that comes and goes, the end."""

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import (
    device_service_pb2,
    device_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
)

from deploy.local.processes.mongod_access import ServiceUser
from service_chassis.refusals import reason_of
from service_chassis.sidecar import CHANNEL_OPTIONS
from smoc_service.database import prepare
from smoc_service.mongodb import open_client
from smoc_service.register.device import Provision
from smoc_service.register.register import Register
from smoc_service.register.wire import read_device
from tests.neighbours.issuer import ISSUER, Bearing, Issuer, hang, running_issuer
from tests.neighbours.mongod import Mongod
from tests.neighbours.ports import free_ports
from tests.neighbours.process import Process, start
from tests.specs.smoc.messages import device

SIDECARS = "the-token-of-its-own-sidecar-only"
THROUGH_SIDECAR = (("dapr-api-token", SIDECARS),)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as made:
        yield made


def asking(channel: grpc.aio.Channel, token: str) -> Any:
    """Return the register's stub for the bearer of ``token``, as the own sidecar passes his calls on."""
    return Bearing(device_service_pb2_grpc.DeviceServiceStub(channel), token, THROUGH_SIDECAR)


@contextmanager
def smoc_process(
    folder: Path, mongodb_url: str, port: int, issuer: Issuer, **more_settings: str
) -> Iterator[Process]:
    settings = {
        "SMOC_SERVICE_GRPC_PORT": str(port),
        "SMOC_SERVICE_MONGODB_URL": mongodb_url,
        "SMOC_SERVICE_MONGODB_DATABASE": "smoc",
        "SMOC_SERVICE_TOKEN_ISSUER": ISSUER,
        "SMOC_SERVICE_TOKEN_JWKS_URL": issuer.jwks_url,
        "APP_API_TOKEN": SIDECARS,
        **more_settings,
    }
    assigned = [f"{name}={value}" for name, value in settings.items()]
    root = Path(__file__).parents[3]
    command = ["env", "-C", str(root), *assigned, sys.executable, "-m", "smoc_service"]
    process = start("smoc", command, folder=folder)
    try:
        yield process
    finally:
        process.kill()


async def device_count(port: int, issuer: Issuer, smoc: Process) -> int:
    """Ask until the register answers, as long as it lives."""
    address = f"127.0.0.1:{port}"
    async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
        devices = asking(channel, issuer.token())
        while True:
            try:
                answer = await devices.GetParkSummary(
                    device_service_pb2.GetParkSummaryRequest(change_count=1),
                    wait_for_ready=True,
                    timeout=5,
                )
            except grpc.aio.AioRpcError as error:
                if error.code() not in {
                    grpc.StatusCode.UNAVAILABLE,
                    grpc.StatusCode.DEADLINE_EXCEEDED,
                }:
                    raise
                assert smoc.popen.poll() is None, smoc.failure("ended")
                continue
            return int(answer.device_count)


async def _read_to_the_end(call: Any) -> None:
    while await call.read():
        pass


async def test_it_waits_for_a_database_that_is_away_and_finds_it_again_after_a_crash(
    tmp_path: Path, issuer: Issuer
) -> None:
    mongod = await asyncio.to_thread(Mongod.started, tmp_path)
    mongod.stop()
    [port] = free_ports(1)
    try:
        with smoc_process(tmp_path, mongod.url, port, issuer) as smoc:
            while b"prepare the database" not in smoc.log.read_bytes():
                assert smoc.popen.poll() is None, smoc.failure("ended")
                await asyncio.sleep(0.05)
            await asyncio.to_thread(mongod.start)
            assert await device_count(port, issuer, smoc) == 0
            mongod.kill()
            await asyncio.to_thread(mongod.start)
            assert await device_count(port, issuer, smoc) == 0
            smoc.popen.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(smoc.popen.wait, 30) == 0
    finally:
        mongod.stop()


async def test_it_serves_from_a_database_that_wants_a_password_and_tls(
    tmp_path: Path, issuer: Issuer
) -> None:
    user = ServiceUser(name="smoc_service", database="smoc")
    mongod = await asyncio.to_thread(Mongod.started, tmp_path, users=[user], tls=True)
    try:
        [port] = free_ports(1)
        with smoc_process(
            tmp_path,
            mongod.files.url(mongod.port, user.name),
            port,
            issuer,
            SMOC_SERVICE_MONGODB_PASSWORD_FILE=str(mongod.files.password_file(user.name)),
        ) as smoc:
            assert await device_count(port, issuer, smoc) == 0
    finally:
        mongod.stop()


async def _job_until(
    jobs: Any,
    asked: job_service_pb2.GetJobRequest,
    good: Callable[[job_service_pb2.Job], bool],
) -> job_service_pb2.Job:
    while True:
        job: job_service_pb2.Job = (await jobs.GetJob(asked)).job
        if good(job):
            return job
        await asyncio.sleep(0.01)


async def test_a_job_goes_on_after_a_kill_and_does_each_device_once(
    mongod_url: str, tmp_path: Path, issuer: Issuer
) -> None:
    [port] = free_ports(1)
    ids = [f"north/{number:04}" for number in range(3_000)]
    named = {
        "SMOC_SERVICE_MONGODB_DATABASE": "killed_in_a_job",
        "SMOC_SERVICE_WORKER_NAME": "smoc-0",
    }
    async with (
        open_client(mongod_url) as client,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel,
    ):
        database = client["killed_in_a_job"]
        register = Register(client, database.name)
        await prepare(database)
        for begin in range(0, len(ids), 500):
            devices = [read_device(device(each), "device") for each in ids[begin : begin + 500]]
            await register.provision([Provision(device=each) for each in devices])
        stub = job_service_pb2_grpc.JobServiceStub(channel)
        jobs = Bearing(stub, issuer.token(), THROUGH_SIDECAR)
        request = job_service_pb2.CreateJobRequest(
            request_id=str(uuid.uuid4()),
            selection=job_service_pb2.DeviceSelection(
                filter=device_service_pb2.DeviceFilter(networks=["north"])
            ),
            action=job_service_pb2.JobAction(tag=job_service_pb2.TagAction(add=["yard-7"])),
        )
        with smoc_process(tmp_path, mongod_url, port, issuer, **named) as smoc:
            assert await device_count(port, issuer, smoc) == len(ids)
            asked = job_service_pb2.GetJobRequest(job_id=(await jobs.CreateJob(request)).job.job_id)
            await _job_until(jobs, asked, lambda job: job.done_count > 0)
            smoc.kill()
        [killed] = await database["jobs"].find().to_list()
        with smoc_process(tmp_path, mongod_url, port, issuer, **named) as smoc:
            assert await device_count(port, issuer, smoc) == len(ids)
            # Whatever was in hand is nobody's any more: the hub's next word does not wait for it.
            news = [read_device(device(each, 2), "device") for each in ids[-500:]]
            stored = await register.provision([Provision(device=each) for each in news])
            assert all(each.stored for each in stored)
            job = await _job_until(jobs, asked, lambda job: not job.pending_count)
            assert (job.state, job.total_count) == (job_service_pb2.JOB_STATE_DONE, len(ids))
            assert job.done_count == len(ids)
        [done] = await database["jobs"].find().to_list()
        # Its name lasts, so it needed to wait for nobody's lease; its session tells the starts apart.
        assert killed["worker"] == done["worker"] == "smoc-0"
        assert killed["session"] != done["session"]
        assert await database["devices"].count_documents({"work.version": 1}) == len(ids)
        assert await database["job_items"].count_documents({"outcome": "DONE"}) == len(ids)
        await client.drop_database(database.name)


async def test_it_ends_in_peace_while_somebody_watches(
    mongod_url: str, tmp_path: Path, issuer: Issuer
) -> None:
    [port] = free_ports(1)
    with smoc_process(tmp_path, mongod_url, port, issuer) as smoc:
        address = f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
            call = asking(channel, issuer.token()).WatchDevices(
                device_service_pb2.WatchDevicesRequest(), wait_for_ready=True
            )
            answer = await call.read()
            assert isinstance(answer, device_service_pb2.WatchDevicesResponse)
            smoc.popen.send_signal(signal.SIGTERM)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await _read_to_the_end(call)
            assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
            assert await asyncio.to_thread(smoc.popen.wait, 30) == 0


async def test_it_starts_without_the_issuer_and_serves_as_soon_as_its_keys_are_there(
    mongod_url: str, tmp_path: Path, issuer: Issuer
) -> None:
    issuer.answer = hang
    [port] = free_ports(1)
    with smoc_process(tmp_path, mongod_url, port, issuer) as smoc:
        address = f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
            request = device_service_pb2.GetParkSummaryRequest()
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await asking(channel, issuer.token()).GetParkSummary(request, wait_for_ready=True)
            assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
            issuer.answer = None
            assert await device_count(port, issuer, smoc) == 0
            for token in (issuer.token(aud="device-hub"), issuer.token(iss="http://other")):
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await asking(channel, token).GetParkSummary(request)
                assert reason_of(raised.value) == ErrorReason.ERROR_REASON_UNAUTHENTICATED


GOOD = {
    "SMOC_SERVICE_MONGODB_URL": "mongodb://db",
    "SMOC_SERVICE_TOKEN_ISSUER": ISSUER,
    "SMOC_SERVICE_TOKEN_JWKS_URL": f"{ISSUER}/certs",
    "APP_API_TOKEN": SIDECARS,
}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SMOC_SERVICE_MONGODB_URL": None}, "setting SMOC_SERVICE_MONGODB_URL: field required"),
        (
            {"SMOC_SERVICE_MONGODB_URL": "http://secret@db"},
            "setting SMOC_SERVICE_MONGODB_URL: value error, no mongodb connection string",
        ),
        (
            {
                "SMOC_SERVICE_MONGODB_URL": "mongodb://smoc_service@db",
                "SMOC_SERVICE_MONGODB_PASSWORD_FILE": "/nowhere",
            },
            "setting SMOC_SERVICE_MONGODB_PASSWORD_FILE: value error, the file cannot be read: ",
        ),
        ({"SMOC_SERVICE_GRPC_PORT": "x"}, "setting SMOC_SERVICE_GRPC_PORT: "),
        (
            {"SMOC_SERVICE_TOKEN_ISSUER": None},
            "setting SMOC_SERVICE_TOKEN_ISSUER: field required",
        ),
        ({"SMOC_SERVICE_TOKEN_JWKS_URL": "certs"}, "setting SMOC_SERVICE_TOKEN_JWKS_URL: "),
        (
            {"SMOC_SERVICE_TOKEN_LEEWAY_SECONDS": "3600"},
            "setting SMOC_SERVICE_TOKEN_LEEWAY_SECONDS: ",
        ),
        ({"APP_API_TOKEN": None}, "setting APP_API_TOKEN: field required"),
        (
            {"APP_API_TOKEN": "a-secret"},
            "setting APP_API_TOKEN: value should have at least 32 items",
        ),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_clear_line(
    settings: dict[str, str | None], said: str
) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SMOC_")}
    ended = subprocess.run(
        [sys.executable, "-m", "smoc_service"],
        env={name: text for name, text in (clean | GOOD | settings).items() if text is not None},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith(said)
    assert "secret" not in ended.stderr
