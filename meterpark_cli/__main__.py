"""The `meterpark` command: its words, and what each of them starts."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

import os
from pathlib import Path
from typing import Annotated

import typer

from meterpark_cli.alarms.commands import alarms
from meterpark_cli.devices.commands import devices
from meterpark_cli.failures import run
from meterpark_cli.feeds.commands import feeds
from meterpark_cli.hub.commands import hub
from meterpark_cli.identities.commands import identities
from meterpark_cli.imports.commands import imports
from meterpark_cli.jobs.commands import jobs
from meterpark_cli.journal.commands import journal
from meterpark_cli.login.commands import identity
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    JsonOption,
    SidecarOption,
    TimeoutOption,
    asking,
)
from meterpark_cli.park.commands import quality, rollout
from meterpark_cli.quarantine.commands import quarantine
from meterpark_cli.register.commands import register
from meterpark_cli.views.commands import tags, views

app = typer.Typer(
    name="meterpark",
    help="Show the meter park: its devices, what happens to them, and what needs attention.",
    epilog="Exit codes: 0 fine, 1 the answer is no, 2 wrong usage, 3 a service cannot be reached.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def park(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Stay open and show changes until Ctrl-C.")
    ] = False,
    interval: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0.2, max=3600, help="With --watch: pause between two looks."
        ),
    ] = 1.0,
    changes: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=100, help="How many of the newest changes to show."),
    ] = 10,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show the park: devices by state, alarms, and the newest changes.

    With --watch the page stays open, also while services restart. Into a pipe it prints a block per
    interval, with --json one document per line.

    \b
    For example:
      meterpark park
      meterpark park --watch
      meterpark park --json | jq '.counts[] | select(.facet == "power")'
    """
    from meterpark_cli.park.park import show_park, watch_park

    ask = asking(sidecar, timeout, as_json)
    if watch:
        run(watch_park(ask, interval_seconds=interval, change_count=changes))
    run(show_park(ask, change_count=changes))


app.add_typer(devices, name="devices")
app.add_typer(alarms, name="alarms")
app.add_typer(imports, name="import")
app.add_typer(jobs, name="jobs")
app.add_typer(views, name="views")
app.command("tags")(tags)
app.command("rollout")(rollout)
app.command("quality")(quality)
app.command("feeds")(feeds)
app.add_typer(quarantine, name="quarantine")
app.add_typer(identities, name="identities")
app.add_typer(journal, name="journal")
app.add_typer(register, name="register")
app.add_typer(hub, name="hub")
app.add_typer(identity)


@app.command()
def send(
    *,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="XML files. - is standard input.")
    ],
    as_bytes: Annotated[
        bool, typer.Option("--bytes", help="Send as BytesMessage. Default: TextMessage.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="DESTINATION",
            envvar="METERPARK_DESTINATION",
            help="queue://NAME or topic://NAME. Default: where the local stack's connector listens.",
        ),
    ] = None,
    broker: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="METERPARK_BROKER_URL",
            help="amqp://HOST:PORT, amqps://... Default: the local stack's broker.",
        ),
    ] = None,
    user: Annotated[
        str | None, typer.Option(envvar="METERPARK_BROKER_USER", help="User at the broker.")
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(envvar="METERPARK_BROKER_PASSWORD_FILE", help="File with its password."),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(
            envvar="METERPARK_BROKER_CA_FILE",
            help="With amqps://: PEM file of the authorities to trust. Default: the system's.",
        ),
    ] = None,
    certificate_file: Annotated[
        Path | None,
        typer.Option(
            envvar="METERPARK_BROKER_CERTIFICATE_FILE",
            help="PEM file of your certificate, for a broker that requires one.",
        ),
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(envvar="METERPARK_BROKER_KEY_FILE", help="PEM file of its key.")
    ] = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Send XML files to the broker unchanged, as a head-end system would.

    Nothing is checked or corrected. What cannot be read goes to the quarantine.

    \b
    For example:
      meterpark send meter-config.xml
      meterpark send --bytes --to queue://IEC20_PUSH *.xml
    """
    from jms_transport import TlsFiles
    from meterpark_cli.sending import named_broker
    from meterpark_cli.sending import send as send_all

    try:
        tls = TlsFiles(ca_file=ca_file, certificate_file=certificate_file, key_file=key_file)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    run(
        send_all(
            files,
            named=lambda: named_broker(broker, user, password_file, to, tls=tls),
            as_bytes=as_bytes,
            timeout_seconds=timeout,
            as_json=as_json,
        )
    )


@app.command()
def doctor(
    *,
    silence: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=1, help="How old the newest contact of a device may be."
        ),
    ] = 900,
    patience: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0, help="How long the register may lag behind the journal."
        ),
    ] = 10,
    standstill: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0.1,
            envvar="METERPARK_STANDSTILL_SECONDS",
            help="How long something may wait at a hop while nothing is done.",
        ),
    ] = 30,
    only_standstills: Annotated[
        bool,
        typer.Option(
            "--standstills",
            help="Only check each hop for a standstill, as make status does.",
        ),
    ] = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Check every step of the chain. Says what is wrong and what to do; exit code 1 if anything is wrong.

    \b
    For example:
      meterpark doctor
      meterpark doctor --standstills
      meterpark doctor --json | jq '.checks[] | select(.state == "wrong")'
    """
    from meterpark_cli.doctor.check import Limits
    from meterpark_cli.doctor.examination import doctor as examine

    limits = Limits(
        silence_seconds=silence, patience_seconds=patience, standstill_seconds=standstill
    )
    run(examine(asking(sidecar, timeout, as_json), limits, only_standstills=only_standstills))


def main() -> None:
    # gRPC's own log ("Got goaway") would be written across the page; whoever wants it says so.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    app()


if __name__ == "__main__":
    main()
