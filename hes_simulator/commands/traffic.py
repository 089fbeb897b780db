"""`hes_simulator burst` and `send`: traffic without a life behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from hes_simulator.commands.options import (
    DEFAULT_BROKER,
    DEFAULT_DESTINATION,
    BrokerUrl,
    BurstLedger,
    CaFile,
    CertificateFile,
    Devices,
    KeyFile,
    Network,
    PasswordFile,
    Seed,
    To,
    User,
    broker,
    tls_files,
    wrong_options,
)
from hes_simulator.ledger.ledger import Ledger
from hes_simulator.park.devices import Park
from hes_simulator.sending.files import send_files
from hes_simulator.sending.running import run_burst

if TYPE_CHECKING:
    from hes_simulator.sending.files import SendResult


def burst(
    *,
    messages: Annotated[int, typer.Option("--messages", min=1)] = 1000,
    events_per_message: Annotated[int, typer.Option("--events-per-message", min=1)] = 1,
    in_flight: Annotated[
        int,
        typer.Option(
            "--in-flight", min=1, help="How many messages may wait for the broker's answer."
        ),
    ] = 64,
    devices: Devices = 200,
    seed: Seed = 1,
    network: Network = "north",
    url: BrokerUrl = DEFAULT_BROKER,
    user: User = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    destination: To = DEFAULT_DESTINATION,
    ledger: BurstLedger = None,
) -> None:
    """Send power events as fast as the broker takes them, and print count and rate. For measuring.

    Last line: `sent 1000 messages, 1000 events in 1.234 s: 810.4 messages/s, 810.4 events/s`.
    """
    with wrong_options():
        park = Park(network=network, size=devices, seed=seed)
        tls = tls_files(ca_file, certificate_file, key_file)
        to = broker(url, user, password_file, destination, tls)
    book = Ledger(ledger) if ledger else None
    result = asyncio.run(
        run_burst(
            park,
            to,
            messages=messages,
            events_per_message=events_per_message,
            in_flight=in_flight,
            ledger=book,
        )
    )
    typer.echo(
        f"sent {result.messages} messages, {result.events} events in {result.seconds:.3f} s:"
        f" {result.messages / result.seconds:.1f} messages/s,"
        f" {result.events / result.seconds:.1f} events/s"
    )


def send(
    *,
    files: Annotated[list[str], typer.Argument(help="Files to send. - is standard input.")],
    as_bytes: Annotated[
        bool, typer.Option("--bytes/--text", help="As JMS BytesMessage, or TextMessage.")
    ] = False,
    url: BrokerUrl = DEFAULT_BROKER,
    user: User = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    destination: To = DEFAULT_DESTINATION,
) -> None:
    """Send files as they are, one message each; print what the broker said to each.

    Text is decoded by its byte order mark, its XML declaration, or as UTF-8. Exit code 1 if any failed.
    """
    with wrong_options():
        tls = tls_files(ca_file, certificate_file, key_file)
        to = broker(url, user, password_file, destination, tls)

    async def sent() -> list[SendResult]:
        connection = await to.dial()
        try:
            return await send_files(
                files, connection=connection, destination=to.destination, as_bytes=as_bytes
            )
        finally:
            await connection.close()

    results = asyncio.run(sent())
    for result in results:
        typer.echo(f"{result.name}: {result.detail}", err=not result.accepted)
    if not all(result.accepted for result in results):
        raise typer.Exit(1)
