"""``meterpark hub residents``: the devices that are awake in the process of the hub that answers."""

from meterpark.status.v1.status_service_pb2 import GetStatusRequest, Residents

from meterpark_cli.failures import ExitCode, Refused
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import HUB_APP_ID, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.rendering import console, plain_table, show, words


async def show_residents(asking: Asking) -> ExitCode:
    """Show them, those of the caller's networks."""
    async with open_park(asking) as park:
        answer = await park.hub_status.ask(park.hub_status.calls.GetStatus, GetStatusRequest())
    if not answer.HasField("residents"):
        raise Refused(HUB_APP_ID, "TOO_OLD", "this version of the hub does not say who is awake")
    if asking.as_json:
        print_document(document_of(answer.residents))
    else:
        _show(answer.residents)
    return ExitCode.FINE


def _show(told: Residents) -> None:
    table = plain_table("network", "awake", right=("awake",), header=True)
    for one in told.networks:
        table.add_row(words(one.network, "cyan"), f"{one.resident_count:,}")
    if told.networks:
        show(console(), table)
    show(
        console(),
        words(
            f"{told.resident_count:,} devices are awake in process {told.process},"
            f" {told.remembered_count:,} of them with their state in memory"
            f" (at most {told.remembered_most:,})"
        ),
    )
