"""Reads requests within the limits that the contract states; refuses others with the field's name."""

from typing import Final

from meterpark.smoc.v1 import device_service_pb2, provisioning_service_pb2

from contract_limits import (
    DEVICES_PER_CALL,
    DEVICES_PER_PROVISIONING,
    ENTRIES_PER_PROVISION,
    REVISIONS_PER_COMPARISON,
)
from service_chassis.refusals import argument_invalid
from service_traces.context import sampled
from smoc_service.door.reading import check_count, read_device_id, too_large
from smoc_service.register.device import Provision
from smoc_service.register.wire import read_device, read_entry, read_revision

CHANGES_AT_MOST: Final = 100


def read_provisions(
    request: provisioning_service_pb2.ProvisionDevicesRequest,
) -> list[Provision]:
    check_count(len(request.provisions), DEVICES_PER_PROVISIONING, "provisions")
    provisions: list[Provision] = []
    seen: set[str] = set()
    for index, each in enumerate(request.provisions):
        field = f"provisions[{index}]"
        device = read_device(each.device, f"{field}.device")
        if device.device_id in seen:
            raise argument_invalid(f"{field}.device.device_id", "given twice in one request")
        seen.add(device.device_id)
        if len(each.entries) > ENTRIES_PER_PROVISION:
            raise too_large(f"{field}.entries", ENTRIES_PER_PROVISION)
        entries = [
            read_entry(entry, f"{field}.entries[{number}]")
            for number, entry in enumerate(each.entries)
        ]
        context = each.traceparent if sampled(each.traceparent) else ""
        provisions.append(Provision(device=device, entries=entries, traceparent=context))
    return provisions


def read_revisions(
    request: provisioning_service_pb2.CompareRevisionsRequest,
) -> list[tuple[str, int]]:
    check_count(len(request.revisions), REVISIONS_PER_COMPARISON, "revisions")
    revisions = []
    for index, each in enumerate(request.revisions):
        read_device_id(each.device_id, f"revisions[{index}].device_id")
        revision = read_revision(each.revision, f"revisions[{index}].revision")
        revisions.append((each.device_id, revision))
    return revisions


def read_device_ids(request: device_service_pb2.BatchGetDevicesRequest) -> list[str]:
    check_count(len(request.device_ids), DEVICES_PER_CALL, "device_ids")
    for index, device_id in enumerate(request.device_ids):
        read_device_id(device_id, f"device_ids[{index}]")
    return list(request.device_ids)


def read_change_count(change_count: int) -> int:
    if not 0 <= change_count <= CHANGES_AT_MOST:
        raise argument_invalid(
            "change_count", f"{change_count} is not between 0 and {CHANGES_AT_MOST}"
        )
    return change_count
