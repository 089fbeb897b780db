"""Options that several commands share, and how they become what the commands work with."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from hes_simulator.sending.running import Broker
from jms_transport import Address, Destination, TlsFiles

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_BROKER: Final = "amqp://127.0.0.1:61616"
DEFAULT_DESTINATION: Final = "queue://IEC20_PUSH"

BrokerUrl: TypeAlias = Annotated[
    str,
    typer.Option(
        "--broker",
        envvar="HES_BROKER_URL",
        help="amqp:// or amqps:// (AMQP 1.0), tcp:// or ssl:// (OpenWire, needs Java).",
    ),
]
User: TypeAlias = Annotated[
    str, typer.Option("--user", envvar="HES_BROKER_USER", help="User at the broker.")
]
PasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--password-file", envvar="HES_BROKER_PASSWORD_FILE", help="File with the password."
    ),
]
CaFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="HES_BROKER_CA_FILE",
        help="With amqps:// or ssl://: PEM file of the authorities to trust. Default: the system's.",
    ),
]
CertificateFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--certificate-file",
        envvar="HES_BROKER_CERTIFICATE_FILE",
        help="PEM file of your certificate, for a broker that requires one.",
    ),
]
KeyFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--key-file", envvar="HES_BROKER_KEY_FILE", help="PEM file of its key."),
]
To: TypeAlias = Annotated[
    str,
    typer.Option("--destination", envvar="HES_DESTINATION", help="queue://NAME or topic://NAME."),
]
Network: TypeAlias = Annotated[
    str, typer.Option("--network", envvar="HES_NETWORK", help="Network that the park belongs to.")
]
Devices: TypeAlias = Annotated[
    int, typer.Option("--devices", envvar="HES_DEVICES", min=1, help="Number of devices.")
]
Seed: TypeAlias = Annotated[
    int,
    typer.Option(
        "--seed", envvar="HES_SEED", help="The same seed gives the same park and the same life."
    ),
]
LedgerFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        envvar="HES_LEDGER",
        help="File that records what was sent. [default: one per network under ~/.local/state/meterpark]",
        show_default=False,
    ),
]
BurstLedger: TypeAlias = Annotated[
    Path | None,
    typer.Option("--ledger", help="Record what was sent; this costs speed. Default: no record."),
]
FaultRates: TypeAlias = Annotated[
    str,
    typer.Option(
        "--faults",
        envvar="HES_FAULTS",
        help="none, all, or rates: duplicates=0.02,disorder=0.1,late=0.01,clock=0.01,malformed=0.01,variants=0.2",
    ),
]
Every: TypeAlias = Annotated[
    float, typer.Option("--progress", min=0.1, help="Seconds between two lines of progress.")
]


def tls_files(
    ca_file: Path | None, certificate_file: Path | None, key_file: Path | None
) -> TlsFiles | None:
    """Return what the options name, None when they name nothing; raises ValueError."""
    files = TlsFiles(ca_file=ca_file, certificate_file=certificate_file, key_file=key_file)
    return None if files == TlsFiles() else files


def broker(
    url: str, user: str, password_file: Path | None, destination: str, tls: TlsFiles | None
) -> Broker:
    """Read the options; raises ValueError with one line for the user."""
    try:
        password = password_file.read_text().strip() if password_file else ""
    except OSError as error:
        raise ValueError(f"password file {password_file}: {error.strerror or error}") from error
    address = Address.parse(url)
    if tls and not address.with_tls:
        raise ValueError(f"TLS files are named, but {url} is plain: write amqps:// or ssl://")
    return Broker(
        url=url,
        user=user,
        password=password,
        destination=Destination.parse(destination),
        tls=tls,
    )


def ledger_path(ledger: Path | None, network: str) -> Path:
    """Return the file to use: as named, else the network's own under the state folder of the user."""
    if ledger:
        return ledger
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "meterpark" / f"hes-{network}.sqlite"


@contextmanager
def wrong_options() -> Iterator[None]:
    """Report a wrong option to the user, with exit code 2, while options are read."""
    try:
        yield
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
