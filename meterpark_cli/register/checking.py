"""``meterpark register check``: of each device the register holds what the journal says, and is as far."""

from meterpark.device_hub.v1.device_hub_service_pb2 import GetDeviceHistoryRequest
from meterpark.smoc.v1.device_pb2 import Device
from meterpark.smoc.v1.device_service_pb2 import GetDeviceRequest

from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.devices.through import through_devices
from meterpark_cli.failures import ExitCode, Refused
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.rendering import console, now_here, show, words

_UNKNOWN = "DEVICE_UNKNOWN"


async def check_register(asking: Asking, conditions: Conditions) -> ExitCode:
    """Compare the devices that fit with their journals; the answer is no when one differs."""
    devices = 0
    wrong: list[tuple[str, str]] = []
    target = console()
    async with open_park(asking) as park:

        async def look(device: Device) -> tuple[str, str]:
            return device.device_id, await difference(park, device)

        async for device_id, differs in through_devices(park, conditions.filter(now_here()), look):
            devices += 1
            if differs:
                wrong.append((device_id, differs))
                if not asking.as_json:
                    show(target, words(f"{device_id}: {differs}", "bold red"))
    if asking.as_json:
        problems = [{"device_id": device_id, "problem": problem} for device_id, problem in wrong]
        print_document({"devices": devices, "problems": problems})
    elif not wrong:
        show(target, words(f"{devices:,} devices: the register is as far as the journal"))
    return ExitCode.ANSWER_IS_NO if wrong else ExitCode.FINE


async def difference(park: Park, device: Device) -> str:
    """Return in words how the register's device differs from its journal; an empty text: not at all.

    What came this very moment is no difference: both are asked twice.
    """
    if await _revisions_from(park, device) == [device.revision]:
        return ""
    request = GetDeviceRequest(device_id=device.device_id)
    device = (await park.register.ask(park.register.calls.GetDevice, request)).device
    revisions = await _revisions_from(park, device)
    if revisions == [device.revision]:
        return ""
    if device.revision not in revisions:
        return f"the register holds revision {device.revision}, which the journal does not"
    return f"the register holds revision {device.revision}, and the journal goes on behind it"


async def _revisions_from(park: Park, device: Device) -> list[int]:
    """Return the revision that the register holds, if the journal has it, and the one behind it."""
    request = GetDeviceHistoryRequest(
        device_id=device.device_id, after_revision=max(device.revision - 1, 0), page_size=2
    )
    try:
        answer = await park.hub.ask(park.hub.calls.GetDeviceHistory, request)
    except Refused as refused:
        if refused.reason != _UNKNOWN:
            raise
        return []
    return [entry.revision for entry in answer.entries]
