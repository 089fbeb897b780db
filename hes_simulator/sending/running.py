"""What each sending command does, between the connection and the ledger."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from hes_simulator.expectation.facts import facts_of
from hes_simulator.faults import Fault, Faults, Outgoing
from hes_simulator.life.storm import Storm, burst_message, storm
from hes_simulator.messages.event_messages import Header, message_id, noun_of, write
from hes_simulator.sending.pouring import Outlet, blast, pour
from hes_simulator.sending.schedule import at_times, life_schedule, rollout_in_the_past
from jms_transport import Connection, Destination, TlsFiles, connect, stay_connected
from service_chassis.retries import Backoff
from service_chassis.tasks import in_background

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from hes_simulator.ledger.ledger import Ledger
    from hes_simulator.life.life import Pace
    from hes_simulator.park.devices import Park

Report: TypeAlias = "Callable[[dict[str, int]], None]"

GRACE_SECONDS: Final = 3.0
RECORDED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Address and user of the broker, and the destination."""

    url: str
    user: str
    password: str
    destination: Destination
    tls: TlsFiles | None = None

    async def dial(self) -> Connection:
        """Connect; raises ValueError (address), TransportRefused, TransportLost."""
        return await connect(self.url, user=self.user, password=self.password, tls=self.tls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A park, how it is spoilt, and where it goes."""

    park: Park
    broker: Broker
    ledger: Ledger
    faults: Faults

    @property
    def source(self) -> str:
        """Header/Source of every message."""
        return f"HES-{self.park.network}"

    def outlet(self, connection: Connection, stream: str) -> Outlet:
        """Return the way of one stream over one connection."""
        return Outlet(
            connection=connection,
            destination=self.broker.destination,
            ledger=self.ledger,
            stream=stream,
            source=self.source,
            faults=self.faults,
            now=utc_now,
        )

    def adopt(self) -> str:
        """Bind the ledger to the park; return the name of the park's stream. Raises LedgerError."""
        park = self.park
        return self.ledger.adopt(
            network=park.network, size=park.size, seed=park.seed, at=utc_now()
        ).stream


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstResult:
    """How many messages the broker accepted, and how long that took."""

    messages: int
    events: int
    seconds: float


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return datetime.now(UTC)


async def run_life(
    simulation: Simulation, pace: Pace, *, report: Report, every_seconds: float
) -> None:
    """Roll out, then live, until SIGTERM or SIGINT; a broker that is away is waited for."""
    stream = simulation.adopt()

    async def use(connection: Connection) -> None:
        position = simulation.ledger.position(stream)
        schedule = life_schedule(simulation.park, pace, position, now=utc_now())
        await pour(simulation.outlet(connection, stream), schedule, stop=stop)

    async with _reporting(simulation.ledger, report, every_seconds), _stopping() as stop:
        await stay_connected("broker", simulation.broker.dial, use, backoff=Backoff())


async def run_rollout(
    simulation: Simulation, pace: Pace, *, hurry: bool, report: Report, every_seconds: float
) -> None:
    """Roll out the remaining devices, then return. Raises TransportError."""
    stream = simulation.adopt()
    position = simulation.ledger.position(stream)
    schedule = (
        rollout_in_the_past(simulation.park, pace, now=utc_now())
        if hurry and position is None
        else life_schedule(simulation.park, pace, position, now=utc_now())
    )
    async with (
        _connected(simulation.broker) as connection,
        _reporting(simulation.ledger, report, every_seconds),
        _stopping() as stop,
    ):
        await pour(simulation.outlet(connection, stream), schedule, stop=stop, hurry=hurry)


async def run_storm(
    simulation: Simulation, weather: Storm, *, report: Report, every_seconds: float
) -> int:
    """Send a storm over the devices that the ledger has in operation; return how many devices it met.

    A ledger that knows none (nothing was rolled out with it) means the whole park. Raises TransportError.
    """
    simulation.adopt()
    park, began_at = simulation.park, utc_now()
    known = set(simulation.ledger.in_operation())
    devices = [i for i in range(park.size) if not known or park.device(i).device_id in known]
    planned = storm(park, weather, began_at, devices=devices, seed=int(began_at.timestamp()))
    stream = f"{park.network}/storm@{began_at.isoformat()}"
    async with (
        _connected(simulation.broker) as connection,
        _reporting(simulation.ledger, report, every_seconds),
        _stopping() as stop,
    ):
        outlet = simulation.outlet(connection, stream)
        await pour(outlet, at_times(planned, began_at), stop=stop)
    return round(len(devices) * weather.percent / 100)


async def run_burst(
    park: Park,
    broker: Broker,
    *,
    messages: int,
    events_per_message: int,
    in_flight: int,
    ledger: Ledger | None,
) -> BurstResult:
    """Send messages as fast as the broker takes them, and measure. Raises TransportError."""
    began_at = utc_now()
    stream = f"{park.network}/burst@{began_at.isoformat()}"
    recorded: list[Outgoing] = []
    accepted = 0

    def record() -> None:
        if ledger and recorded:
            now = utc_now()
            pending = ledger.plan(stream, [(now, message) for message in recorded])
            ledger.sent([one.number for one in pending], now)
        recorded.clear()

    def note(message: Outgoing) -> None:
        nonlocal accepted
        accepted += 1
        if ledger:
            recorded.append(message)
            if len(recorded) >= RECORDED_AT_ONCE:
                record()

    async with _connected(broker) as connection:
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            await blast(
                connection,
                broker.destination,
                _burst(park, stream, messages, events_per_message),
                in_flight=in_flight,
                accepted=note,
            )
        finally:
            seconds = loop.time() - start
            record()
    return BurstResult(
        messages=accepted, events=accepted * events_per_message, seconds=max(seconds, 1e-9)
    )


def _burst(park: Park, stream: str, messages: int, events_per_message: int) -> Iterator[Outgoing]:
    for number in range(messages):
        at = utc_now()
        content = burst_message(park, number, events_per_message=events_per_message, at=at)
        identity = message_id(stream, number)
        header = Header(message_id=identity, timestamp=at, source=f"HES-{park.network}")
        yield Outgoing(
            message_id=identity,
            noun=noun_of(content),
            fault=Fault.NONE,
            delay=0.0,
            body=write(header, content),
            facts=facts_of(content),
        )


@asynccontextmanager
async def _connected(broker: Broker) -> AsyncIterator[Connection]:
    connection = await broker.dial()
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _reporting(ledger: Ledger, report: Report, every_seconds: float) -> AsyncIterator[None]:
    async def repeat() -> None:
        while True:
            await asyncio.sleep(every_seconds)
            report(ledger.counts())

    try:
        async with in_background({"report": repeat()}):
            yield
    finally:
        report(ledger.counts())


@asynccontextmanager
async def _stopping() -> AsyncIterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set; what has not ended after a grace time is cancelled.

    Cancelling is safe: what the broker has not accepted stands in the ledger.
    """
    loop, task, stop = asyncio.get_running_loop(), asyncio.current_task(), asyncio.Event()

    def begin() -> None:
        stop.set()
        if task:
            loop.call_later(GRACE_SECONDS, task.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, begin)
    try:
        with suppress(asyncio.CancelledError):
            yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
