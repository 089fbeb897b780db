"""Finds a device by the name that a user types: its id, or a serial number or identifier that only one device has."""

import re

from meterpark.smoc.v1.device_pb2 import Device
from meterpark.smoc.v1.device_service_pb2 import DeviceFilter, ListDevicesRequest
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub

from contract_limits import IDENTIFIER_CHARACTERS, NETWORK, ROWS_PER_PAGE
from meterpark_cli.failures import Failure, WrongUsage
from meterpark_cli.services.connection import Service

_DEVICE_ID = re.compile(rf"{NETWORK.pattern}/[^/]{{1,{IDENTIFIER_CHARACTERS}}}")
_MOST_CANDIDATES = 2000
_MOST_NAMED = 5


async def find_device_id(register: Service[DeviceServiceStub], name: str) -> str:
    """Return the id of the device that ``name`` means.

    "network/identifier" is taken as it is. Otherwise the register decides: one device with exactly this serial number
    or identifier wins, else the only one whose serial number or identifier begins with it. A name of a device that was
    joined into another means that other device.
    Raises Failure when there is none, WrongUsage when there are several.
    """
    if _DEVICE_ID.fullmatch(name):
        return name
    candidates = await _beginning_with(register, name)
    exact = [device for device in candidates if name in _names(device)]
    fitting = exact or candidates
    if not fitting:
        raise Failure(f"no device has a serial number or identifier that begins with {name!r}")
    if len(fitting) > 1:
        named = ", ".join(device.device_id for device in fitting[:_MOST_NAMED])
        more = ", ..." if len(fitting) > _MOST_NAMED else ""
        raise WrongUsage(f"{name!r} can be {len(fitting):,} devices: {named}{more}; say which")
    return fitting[0].device_id


def _names(device: Device) -> set[str]:
    names = {device.serial_number, device.device_identifier}
    if device.joined:
        names.update(device_id.partition("/")[2] for device_id in device.joined)
        names.update(one.value for one in device.identifiers)
    return names


async def _beginning_with(register: Service[DeviceServiceStub], prefix: str) -> list[Device]:
    request = ListDevicesRequest(
        filter=DeviceFilter(text_beginning=prefix), page_size=ROWS_PER_PAGE
    )
    found: list[Device] = []
    while True:
        answer = await register.ask(register.calls.ListDevices, request)
        found += answer.devices
        if not answer.next_page_token:
            return found
        if len(found) >= _MOST_CANDIDATES:
            raise WrongUsage(
                f"more than {_MOST_CANDIDATES:,} devices begin with {prefix!r}: give NETWORK/IDENTIFIER"
            )
        request.page_token = answer.next_page_token
