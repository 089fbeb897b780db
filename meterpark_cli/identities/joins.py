"""``meterpark identities join|part``: two devices that are one meter, or are not after all."""

from uuid import uuid4

from meterpark.device_hub.v1.identity_service_pb2 import JoinDevicesRequest, UndoJoinRequest

from meterpark_cli.failures import ExitCode
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.rendering import console, show, words


async def join_devices(asking: Asking, *, kept: str, joined: str, reason: str) -> ExitCode:
    """Join ``joined`` into ``kept``."""
    request = JoinDevicesRequest(
        kept_device_id=kept, joined_device_id=joined, reason=reason, request_id=str(uuid4())
    )
    async with open_park(asking) as park:
        answer = await park.identities.ask(park.identities.calls.JoinDevices, request)
    if asking.as_json:
        print_document(document_of(answer))
    else:
        show(console(), words(f"{joined} is joined into {kept}, which takes its reports"))
    return ExitCode.FINE


async def undo_join(asking: Asking, *, joined: str, reason: str) -> ExitCode:
    """Part ``joined`` from the device that it was joined into."""
    request = UndoJoinRequest(joined_device_id=joined, reason=reason, request_id=str(uuid4()))
    async with open_park(asking) as park:
        answer = await park.identities.ask(park.identities.calls.UndoJoin, request)
    if asking.as_json:
        print_document(document_of(answer))
    else:
        show(
            console(),
            words(f"{joined} is a device of its own again, beside {answer.kept_device_id}"),
        )
    return ExitCode.FINE
