"""``meterpark send``: files as they are, to the destination that the connector listens to."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from hes_simulator.sending.files import SendResult, send_files
from jms_transport import Destination, DestinationError, TlsFiles
from meterpark_cli.failures import ExitCode, Unreachable, WrongUsage
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.rendering import console, show, words
from meterpark_cli.stack.broker import open_broker
from meterpark_cli.stack.broker_access import BrokerAccess, find_broker

_NO_BROKER = (
    "no broker is known. Start the local stack (make up), or give --broker amqp://HOST:PORT"
)


async def send(
    paths: Sequence[str],
    *,
    named: Callable[[], BrokerAccess],
    as_bytes: bool,
    timeout_seconds: float,
    as_json: bool,
) -> ExitCode:
    """Send each file as one message; ANSWER_IS_NO when the broker did not take all of them."""
    access = named()
    try:
        destination = Destination.parse(access.destination)
    except DestinationError as error:
        raise WrongUsage(str(error)) from error
    async with open_broker(access, timeout_seconds) as connection:
        results = await send_files(
            [Path(path) if path != "-" else path for path in paths],
            connection=connection,
            destination=destination,
            as_bytes=as_bytes,
        )
    if as_json:
        print_document({"files": [asdict(result) for result in results]})
    else:
        for result in results:
            _tell(result)
    accepted = all(result.accepted for result in results)
    return ExitCode.FINE if accepted else ExitCode.ANSWER_IS_NO


def named_broker(
    url: str | None,
    user: str | None,
    password_file: Path | None,
    destination: str | None,
    *,
    tls: TlsFiles,
) -> BrokerAccess:
    """Return the broker of the options; what they leave open is the environment's, else the local stack's."""
    if url:
        environment = {**os.environ, "METERPARK_BROKER_URL": url}
        access = find_broker(environment)
    else:
        access = find_broker(os.environ)
    if access is None:
        raise Unreachable(_NO_BROKER)
    return replace(
        access,
        user=user or access.user,
        password_file=password_file or access.password_file,
        destination=destination or access.destination,
        tls=access.tls if tls == TlsFiles() else tls,
    )


def _tell(result: SendResult) -> None:
    mark = words("sent    ", "green") if result.accepted else words("not sent", "bold red")
    show(console(), mark + words(f"  {result.name}: {result.detail}", "not bold default"))
