"""Goes through the devices that fit, however many there are, several at once, and tells how far it is."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TypeVar

from meterpark.smoc.v1.device_pb2 import Device
from meterpark.smoc.v1.device_service_pb2 import CountDevicesRequest, DeviceFilter

from meterpark_cli.devices.devices import devices_page
from meterpark_cli.services.connection import Park
from meterpark_cli.showing.listing import pages

_TELL_SECONDS = 5.0
# The hub serves others meanwhile.
_AT_ONCE = 8

FoundT = TypeVar("FoundT")


async def through_devices(
    park: Park,
    wanted: DeviceFilter,
    look: Callable[[Device], Awaitable[FoundT]],
) -> AsyncIterator[FoundT]:
    """Yield what ``look`` finds of each device, in order of ids; say on standard error now and then how far it is."""
    count = CountDevicesRequest(filter=wanted)
    expected = (await park.register.ask(park.register.calls.CountDevices, count)).total_size
    told_at, done = time.monotonic(), 0
    async for devices, _ in pages(partial(devices_page, park, wanted, ""), limit=None):
        for begin in range(0, len(devices), _AT_ONCE):
            some = devices[begin : begin + _AT_ONCE]
            for found in await asyncio.gather(*map(look, some)):
                yield found
            done += len(some)
            if time.monotonic() - told_at >= _TELL_SECONDS:
                told_at = time.monotonic()
                sys.stderr.write(f"{done:,} of about {expected:,} devices\n")
