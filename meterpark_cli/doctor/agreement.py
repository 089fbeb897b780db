"""Do journal and register say the same? Asked for a sample, while both go on changing."""

import asyncio
from collections.abc import Mapping, Sequence

from meterpark.device_hub.v1.device_hub_service_pb2 import GetDeviceRequest
from meterpark.smoc.v1.device_service_pb2 import BatchGetDevicesRequest

from meterpark_cli.failures import Refused
from meterpark_cli.services.connection import Park

_LOOK_AGAIN_SECONDS = 0.3


async def differences(
    park: Park, device_ids: Sequence[str], *, patience_seconds: float
) -> list[str]:
    """Return a sentence per device on which journal and register differ for longer than ``patience_seconds``.

    The register may be behind for a moment; that is normal. It can never be ahead: the journal, read after the
    register, must hold everything that the register showed.
    """
    shown_before = await _register(park, device_ids)
    journal = dict(
        zip(
            device_ids,
            await asyncio.gather(*(_journal(park, device_id) for device_id in device_ids)),
            strict=True,
        )
    )
    found = [
        f"{device_id}: the register shows revision {shown_before[device_id]},"
        f" the journal ends at {revision}"
        for device_id, revision in journal.items()
        if revision < shown_before[device_id]
    ]
    behind = await _still_behind(park, journal, patience_seconds)
    return found + [
        f"{device_id}: the journal is at revision {journal[device_id]},"
        f" the register stays at {revision}"
        for device_id, revision in behind.items()
    ]


async def _still_behind(
    park: Park, journal: Mapping[str, int], patience_seconds: float
) -> dict[str, int]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_seconds
    waiting = list(journal)
    while True:
        register = await _register(park, waiting)
        waiting = [device_id for device_id in waiting if register[device_id] < journal[device_id]]
        if not waiting or loop.time() >= deadline:
            return {device_id: register[device_id] for device_id in waiting}
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def _register(park: Park, device_ids: Sequence[str]) -> dict[str, int]:
    """Return the revision of each device in the register, 0 when it does not know the device."""
    request = BatchGetDevicesRequest(device_ids=device_ids)
    answer = await park.register.ask(park.register.calls.BatchGetDevices, request)
    return dict.fromkeys(device_ids, 0) | {d.device_id: d.revision for d in answer.devices}


async def _journal(park: Park, device_id: str) -> int:
    """Return the last revision in the journal, 0 when it does not know the device."""
    try:
        answer = await park.hub.ask(park.hub.calls.GetDevice, GetDeviceRequest(device_id=device_id))
    except Refused as refused:
        if refused.reason == "DEVICE_UNKNOWN":
            return 0
        raise
    return answer.device.revision
