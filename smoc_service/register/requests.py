"""Reading requests: what is asked for, within the limits that the contract states; refused with the field's name."""

from collections.abc import Sequence
from typing import Final

from grpc import StatusCode
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2, provisioning_service_pb2

from contract_limits import (
    DEVICES_PER_PROVISIONING,
    ENTRIES_PER_PROVISION,
    REVISIONS_PER_COMPARISON,
)
from service_chassis.refusals import CallRefused, argument_invalid
from smoc_service.register.device import Provision
from smoc_service.register.wire import (
    read_device,
    read_device_id,
    read_entry,
    read_revision,
)

DEVICES_AT_MOST: Final = 500
PAGE_AT_MOST: Final = 500
CHANGES_AT_MOST: Final = 100
_PAGE_BY_DEFAULT = 50
_VALUES_AT_MOST = 50
_TEXT_LENGTH = 256


def read_provisions(
    request: provisioning_service_pb2.ProvisionDevicesRequest,
) -> list[Provision]:
    _check_count(len(request.provisions), DEVICES_PER_PROVISIONING, "provisions")
    provisions: list[Provision] = []
    seen: set[str] = set()
    for index, each in enumerate(request.provisions):
        field = f"provisions[{index}]"
        device = read_device(each.device, f"{field}.device")
        if device.device_id in seen:
            raise argument_invalid(f"{field}.device.device_id", "given twice in one request")
        seen.add(device.device_id)
        if len(each.entries) > ENTRIES_PER_PROVISION:
            raise _too_large(f"{field}.entries", ENTRIES_PER_PROVISION)
        entries = [
            read_entry(entry, f"{field}.entries[{number}]")
            for number, entry in enumerate(each.entries)
        ]
        provisions.append(Provision(device=device, entries=entries))
    return provisions


def read_revisions(
    request: provisioning_service_pb2.CompareRevisionsRequest,
) -> list[tuple[str, int]]:
    _check_count(len(request.revisions), REVISIONS_PER_COMPARISON, "revisions")
    revisions = []
    for index, each in enumerate(request.revisions):
        read_device_id(each.device_id, f"revisions[{index}].device_id")
        revision = read_revision(each.revision, f"revisions[{index}].revision")
        revisions.append((each.device_id, revision))
    return revisions


def read_device_ids(request: device_service_pb2.BatchGetDevicesRequest) -> list[str]:
    _check_count(len(request.device_ids), DEVICES_AT_MOST, "device_ids")
    for index, device_id in enumerate(request.device_ids):
        read_device_id(device_id, f"device_ids[{index}]")
    return list(request.device_ids)


def read_page_size(page_size: int) -> int:
    if not 0 <= page_size <= PAGE_AT_MOST:
        raise argument_invalid("page_size", f"{page_size} is not between 0 and {PAGE_AT_MOST}")
    return page_size or _PAGE_BY_DEFAULT


def read_change_count(change_count: int) -> int:
    if not 0 <= change_count <= CHANGES_AT_MOST:
        raise argument_invalid(
            "change_count", f"{change_count} is not between 0 and {CHANGES_AT_MOST}"
        )
    return change_count


def read_values(values: Sequence[str], field: str) -> tuple[str, ...]:
    """Return the values of a condition, each once, as the contract bounds them."""
    if len(values) > _VALUES_AT_MOST:
        raise argument_invalid(field, f"more than {_VALUES_AT_MOST} values")
    for index, value in enumerate(values):
        if not value or len(value) > _TEXT_LENGTH:
            raise argument_invalid(
                f"{field}[{index}]", f"empty, or longer than {_TEXT_LENGTH} characters"
            )
    return tuple(dict.fromkeys(values))


def too_large_together(field: str, fitting: int) -> CallRefused:
    """The refusal of a request whose answer would be larger than a message can be."""
    return CallRefused(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_BATCH_TOO_LARGE,
        f"{field}: these are too large for one answer, ask for at most {fitting} of them",
        field=field,
    )


def _check_count(count: int, at_most: int, field: str) -> None:
    if count == 0:
        raise argument_invalid(field, "empty")
    if count > at_most:
        raise _too_large(field, at_most)


def _too_large(field: str, at_most: int) -> CallRefused:
    return CallRefused(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_BATCH_TOO_LARGE,
        f"{field}: more than {at_most}",
        field=field,
    )
