"""The command line: `python -m hes_simulator`."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from hes_simulator.commands.ledger import ledger_app
from hes_simulator.commands.options import (
    DEFAULT_BROKER,
    DEFAULT_DESTINATION,
    BrokerUrl,
    CaFile,
    CertificateFile,
    Devices,
    Every,
    FaultRates,
    KeyFile,
    LedgerFile,
    Network,
    PasswordFile,
    Seed,
    To,
    User,
    broker,
    ledger_path,
    tls_files,
    wrong_options,
)
from hes_simulator.commands.progress import progress_lines
from hes_simulator.commands.shipment import shipment
from hes_simulator.commands.traffic import burst, send
from hes_simulator.faults import Faults
from hes_simulator.ledger.ledger import Ledger
from hes_simulator.ledger.reader import LedgerError
from hes_simulator.life.life import Pace
from hes_simulator.life.storm import Storm
from hes_simulator.park.devices import Park
from hes_simulator.sending.running import Simulation, run_life, run_rollout, run_storm
from jms_transport import TransportError

app = typer.Typer(
    name="hes_simulator",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A head-end system that speaks like a real one: IEC 61968-9 events over JMS.",
)
app.command()(burst)
app.command()(send)
app.command()(shipment)
app.add_typer(ledger_app, name="ledger")

RolloutRate = Annotated[
    float, typer.Option("--rollout-rate", help="Devices per second that join the park.")
]
SpeedUp = Annotated[
    float,
    typer.Option(
        "--speed-up",
        envvar="HES_SPEED_UP",
        help="How much faster than real time an episode runs: with 60 an hour's outage lasts a minute.",
    ),
]


@app.command()
def run(
    *,
    devices: Devices = 200,
    rate: Annotated[
        float,
        typer.Option("--rate", envvar="HES_RATE", help="Messages per second of daily life."),
    ] = 5.0,
    rollout_rate: RolloutRate = 4.0,
    speed_up: SpeedUp = 60.0,
    seed: Seed = 1,
    network: Network = "north",
    faults: FaultRates = "none",
    url: BrokerUrl = DEFAULT_BROKER,
    user: User = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    destination: To = DEFAULT_DESTINATION,
    ledger: LedgerFile = None,
    progress: Every = 5.0,
) -> None:
    """Roll out a park, then simulate its daily life until SIGTERM or Ctrl-C.

    Continues where it stopped: the ledger holds the position and the unsent messages. Waits for a broker that is away.
    With another --devices, --rate or --speed-up the same park continues at the new pace.
    """
    with wrong_options():
        pace = Pace(rollout=rollout_rate, rate=rate, speed_up=speed_up)
        park = Park(network=network, size=devices, seed=seed)
        tls = tls_files(ca_file, certificate_file, key_file)
        to = broker(url, user, password_file, destination, tls)
        spoilt = Faults.parse(faults)
    with Ledger(ledger_path(ledger, network)) as book:
        simulation = Simulation(park=park, broker=to, ledger=book, faults=spoilt)
        asyncio.run(run_life(simulation, pace, report=progress_lines(), every_seconds=progress))


@app.command()
def rollout(
    *,
    devices: Devices = 200,
    rollout_rate: Annotated[
        float,
        typer.Option(
            "--rate",
            help="Devices per second. 0: as fast as the broker accepts them, with earlier dates.",
        ),
    ] = 4.0,
    speed_up: SpeedUp = 60.0,
    seed: Seed = 1,
    network: Network = "north",
    faults: FaultRates = "none",
    url: BrokerUrl = DEFAULT_BROKER,
    user: User = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    destination: To = DEFAULT_DESTINATION,
    ledger: LedgerFile = None,
    progress: Every = 5.0,
) -> None:
    """Roll a park out and stop: into stock, to the usage point, discovered, in operation."""
    hurry = rollout_rate == 0
    with wrong_options():
        pace = Pace(rollout=100.0 if hurry else rollout_rate, rate=0.0, speed_up=speed_up)
        park = Park(network=network, size=devices, seed=seed)
        tls = tls_files(ca_file, certificate_file, key_file)
        to = broker(url, user, password_file, destination, tls)
        spoilt = Faults.parse(faults)
    with Ledger(ledger_path(ledger, network)) as book:
        simulation = Simulation(park=park, broker=to, ledger=book, faults=spoilt)
        asyncio.run(
            run_rollout(
                simulation, pace, hurry=hurry, report=progress_lines(), every_seconds=progress
            )
        )


@app.command()
def storm(
    *,
    percent: Annotated[
        float, typer.Option("--percent", help="Percentage of the park that loses power.")
    ],
    seconds: Annotated[float, typer.Option("--seconds", help="Time in which they lose power.")],
    dark: Annotated[
        float, typer.Option("--dark", help="Seconds until the first have power again; -1: never.")
    ] = 10.0,
    lost_restores: Annotated[
        float,
        typer.Option(
            "--lost-restores", help="Share of devices whose restore never arrives (0 to 1)."
        ),
    ] = 0.0,
    events_per_message: Annotated[int, typer.Option("--events-per-message", min=1)] = 20,
    devices: Annotated[
        int,
        typer.Option(
            "--devices", envvar="HES_DEVICES", help="Size of the park, if it has no ledger."
        ),
    ] = 200,
    seed: Seed = 1,
    network: Network = "north",
    faults: FaultRates = "none",
    url: BrokerUrl = DEFAULT_BROKER,
    user: User = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    destination: To = DEFAULT_DESTINATION,
    ledger: LedgerFile = None,
    progress: Every = 5.0,
) -> None:
    """Let a part of the park lose power within a short time, and have it back after.

    Works beside `run` on the same ledger: it then hits the devices that are in operation.
    """
    with wrong_options():
        weather = Storm(
            percent=percent,
            seconds=seconds,
            dark=None if dark < 0 else dark,
            lost_restores=lost_restores,
            events_per_message=events_per_message,
        )
        tls = tls_files(ca_file, certificate_file, key_file)
        to = broker(url, user, password_file, destination, tls)
        spoilt = Faults.parse(faults)
        park = Park(network=network, size=devices, seed=seed)
    with Ledger(ledger_path(ledger, network)) as book:
        known = book.park()
        if known and known.network == network:
            park = Park(network=network, size=known.size, seed=known.seed)
        simulation = Simulation(park=park, broker=to, ledger=book, faults=spoilt)
        hit = asyncio.run(
            run_storm(simulation, weather, report=progress_lines(), every_seconds=progress)
        )
    typer.echo(f"storm over: {hit} devices lost power within {seconds:g} s")


def main() -> None:
    """Run the command. An error that the user can fix ends as one line and exit code 1."""
    try:
        app()
    except (TransportError, LedgerError) as error:
        sys.stderr.write(f"hes_simulator: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
