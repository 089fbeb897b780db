"""Each standstill that is provoked is named by doctor and by `make status`, with what to do, and is gone when mended.

Every process runs, or is about to be started again: what is seen is missing progress.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc.aio
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from deploy.local.stack.standstills import settings_for_command
from service_status.health import PROGRESS
from tests.neighbours.stack import RunningStack
from tests.system.messages import events
from tests.system.park import NeverSeen, Park, run_program, until

# What counts as a standstill here; half a minute for people.
STANDSTILL = "3"
PATIENCE_SECONDS = 60
LOST = "3.26.0.85"

Checks = dict[str, Any]

pytestmark = pytest.mark.timeout(300)


async def doctor(stack: RunningStack) -> Checks:
    """Return what is not fine, by name."""
    words = ("doctor", "--standstills", "--json", "--standstill", STANDSTILL)
    ended = await run_program(
        "meterpark_cli", *words, settings=settings_for_command(stack.description)
    )
    document = json.loads(ended.out)
    assert document["healthy"] == (ended.code == 0), ended
    return {check["name"]: check for check in document["checks"] if check["state"] == "wrong"}


async def until_doctor(stack: RunningStack, good: Callable[[Checks], object]) -> Checks:
    """Ask the doctor until what it finds is good."""
    wrong: Checks = {}
    clock = asyncio.get_running_loop().time
    deadline = clock() + PATIENCE_SECONDS
    while clock() < deadline:
        wrong = await doctor(stack)
        if good(wrong):
            return wrong
    raise NeverSeen(f"not within {PATIENCE_SECONDS} s; last seen: {wrong}")


async def status(stack: RunningStack) -> tuple[int, str]:
    """Return exit code and output of `make status`."""
    state = stack.stack.state.root
    settings = {
        "XDG_STATE_HOME": str(state.parents[1]),
        "METERPARK_STACK": state.name,
        "METERPARK_STANDSTILL_SECONDS": STANDSTILL,
    }
    ended = await run_program("deploy.local", "status", settings=settings)
    return ended.code, ended.out


async def health_of(stack: RunningStack, process: str, name: str) -> int:
    """Ask a service at its own port how it is, as a supervisor does."""
    port = stack.description["ports"][process]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = HealthStub(channel)
        answer = await stub.Check(HealthCheckRequest(service=name), timeout=10)
    return int(answer.status)


async def until_progress(stack: RunningStack, process: str, state: int) -> None:
    """Watch the service's progress until it has this state."""
    port = stack.description["ports"][process]
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub: Any = HealthStub(channel)
        async for answer in stub.Watch(HealthCheckRequest(service=PROGRESS)):
            if answer.status == state:
                return


@asynccontextmanager
async def well_before_and_after(park: Park) -> AsyncIterator[None]:
    await until_doctor(park.stack, lambda wrong: not wrong)
    yield
    await asyncio.to_thread(park.stack.wait_until_ready)
    await until_doctor(park.stack, lambda wrong: not wrong)
    # A program that tells of itself every few seconds may just not have done so since.
    await until(lambda: status(park.stack), lambda said: said[0] == 0)


@asynccontextmanager
async def stopped(stack: RunningStack, process: str) -> AsyncIterator[None]:
    await asyncio.to_thread(stack.stop_process, process)
    try:
        yield
    finally:
        await asyncio.to_thread(stack.start_process, process)


def a_power_loss(serial: str) -> str:
    return events((serial, LOST, datetime.now(UTC)))


async def test_a_connector_that_hangs_is_missed_and_its_queue_stands(park: Park) -> None:
    async with well_before_and_after(park):
        with park.stack.frozen("iec-connector"):
            await park.publish(a_power_loss("STAND-1"))
            wrong = await until_doctor(
                park.stack, lambda wrong: {"connector", "queue IEC20_PUSH"} <= set(wrong)
            )
            code, told = await status(park.stack)
        assert "has not reported its progress since" in wrong["connector"]["finding"]
        assert "no message is settled" in wrong["queue IEC20_PUSH"]["finding"]
        assert wrong["queue IEC20_PUSH"]["since"]
        assert code == 1
        [line] = [line for line in told.splitlines() if line.startswith("BAD connector:")]
        assert "make logs P=iec-connector" in line


async def test_a_queue_that_nobody_reads_is_named(park: Park) -> None:
    async with well_before_and_after(park), stopped(park.stack, "iec-connector"):
        await park.publish(a_power_loss("STAND-2"))
        wrong = await until_doctor(
            park.stack, lambda wrong: {"connector", "queue IEC20_PUSH"} <= set(wrong)
        )
        assert "no consumer reads it" in wrong["queue IEC20_PUSH"]["finding"]
        assert "no connector has reported its progress" in wrong["connector"]["finding"]


async def test_a_hub_that_hangs_is_named(park: Park) -> None:
    async with well_before_and_after(park):
        with park.stack.frozen("device-hub"):
            wrong = await until_doctor(park.stack, lambda wrong: "device-hub: status" in wrong)
            code, _ = await status(park.stack)
        assert "device-hub cannot be reached" in wrong["device-hub: status"]["finding"]
        assert code == 1


async def test_a_register_that_is_away_is_named_with_the_commits_that_wait_for_it(
    park: Park,
) -> None:
    async with well_before_and_after(park), stopped(park.stack, "smoc-service"):
        await park.publish(a_power_loss("STAND-3"))
        hop = "device-hub: journal to register"
        wrong = await until_doctor(
            park.stack, lambda wrong: {hop, "smoc-service: status"} <= set(wrong)
        )
        assert "wait" in wrong[hop]["finding"]
        assert "is smoc-service up?" in wrong[hop]["remedy"]
        # Half a minute of it: health says so under a name of its own, which restarts nothing.
        await until_progress(park.stack, "device-hub", HealthCheckResponse.NOT_SERVING)
        assert await health_of(park.stack, "device-hub", "") == HealthCheckResponse.SERVING
        assert await health_of(park.stack, "iec-connector", PROGRESS) == HealthCheckResponse.SERVING
    await until_progress(park.stack, "device-hub", HealthCheckResponse.SERVING)


async def test_a_hub_without_its_client_secret_is_told_what_to_compare(park: Park) -> None:
    secret = park.stack.stack.state.keycloak.secrets.client("device-hub")
    right = secret.read_text()
    begin = _lines_of_the_hub(park)
    async with well_before_and_after(park):
        secret.write_text("not-the-secret")
        try:
            # The token that it holds lives for seconds here.
            await park.publish(a_power_loss("STAND-4"))
            hop = "device-hub: journal to register"
            await _publish_until(park, "STAND-4", lambda wrong: hop in wrong)
            wrong = await doctor(park.stack)
            code, told = await status(park.stack)
        finally:
            secret.write_text(right)
        assert "smoc-service denies ProvisionDevices since" in wrong[hop]["finding"]
        assert "compare client id and secret" in wrong[hop]["remedy"]
        assert code == 1
        assert f"BAD {hop}: smoc-service denies ProvisionDevices" in told
    park.stack.denied_on_purpose.append(range(begin, _lines_of_the_hub(park)))


def _lines_of_the_hub(park: Park) -> int:
    return len(park.stack.log("device-hub").read_text(errors="replace").splitlines())


async def test_a_source_whose_broker_does_not_let_it_in_is_named(park: Park) -> None:
    configuration = park.stack.stack.state.connector_configuration
    right = configuration.read_text()
    wrong_password = configuration.parent / "wrong-password"
    wrong_password.write_text("not-the-password")
    async with well_before_and_after(park):
        password_file = str(park.stack.stack.state.broker.password_file("connector"))
        assert password_file in right
        configuration.write_text(right.replace(password_file, str(wrong_password)))
        await asyncio.to_thread(park.stack.restart_process, "iec-connector")
        try:
            wrong = await until_doctor(
                park.stack, lambda wrong: "connector: source hes-simulator" in wrong
            )
        finally:
            configuration.write_text(right)
            await asyncio.to_thread(park.stack.restart_process, "iec-connector")
        found = wrong["connector: source hes-simulator"]
        assert "since" in found["finding"]
        assert "amqps://localhost" in found["remedy"]


async def test_a_database_that_hangs_is_named_by_both_services(park: Park) -> None:
    async with well_before_and_after(park):
        with park.stack.frozen("mongod"):
            both = {"device-hub: journal", "smoc-service: database"}
            wrong = await until_doctor(park.stack, lambda wrong: both <= set(wrong))
        for name, whose in (
            ("device-hub: journal", "the journal's database"),
            ("smoc-service: database", "the register's database"),
        ):
            # How the driver meets it differs from time to time.
            assert wrong[name]["finding"].startswith(whose)
            assert wrong[name]["since"]
            assert f"is {whose} up?" in wrong[name]["remedy"]


async def _publish_until(park: Park, serial: str, good: Callable[[Checks], object]) -> None:
    """Publish news of a device until the doctor's finding is good."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + PATIENCE_SECONDS
    while not good(await doctor(park.stack)):
        if clock() > deadline:
            raise NeverSeen(f"the doctor found {await doctor(park.stack)}")
        await park.publish(a_power_loss(serial))
