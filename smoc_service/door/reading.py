"""Reads the fields that several services have in common; refuses what breaks the contract, with the field's name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from grpc import StatusCode
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from contract_limits import NETWORK, is_device_id
from service_chassis.conditions import read_values
from service_chassis.refusals import CallRefused, argument_invalid


def read_device_id(text: str, field: str) -> tuple[str, str]:
    """Return network and identifier of a device id."""
    if not is_device_id(text):
        raise argument_invalid(field, f"{text[:200]!r} is not <network>/<device identifier>")
    network, _, identifier = text.partition("/")
    return network, identifier


def is_network(text: str) -> bool:
    return NETWORK.fullmatch(text) is not None


def read_networks(values: Sequence[str], field: str) -> tuple[str, ...]:
    networks = read_values(values, field)
    for index, network in enumerate(values):
        if not is_network(network):
            raise argument_invalid(f"{field}[{index}]", f"{network!r} is no network name")
    return networks


def read_request_id(text: str) -> str:
    """Return the UUID in its one spelling."""
    try:
        return str(UUID(text))
    except ValueError:
        raise argument_invalid("request_id", f"{text[:60]!r} is no UUID") from None


@contextmanager
def under(part: str) -> Iterator[None]:
    """Let a refusal of what lies under ``part`` name the whole way to its field."""
    try:
        yield
    except CallRefused as refused:
        field = refused.metadata.get("field")
        if field is None:
            raise
        detail = refused.detail.removeprefix(f"{field}: ")
        raise argument_invalid(f"{part}.{field}", detail) from None


def check_count(count: int, at_most: int, field: str) -> None:
    if count == 0:
        raise argument_invalid(field, "empty")
    if count > at_most:
        raise too_large(field, at_most)


def too_large(field: str, at_most: int) -> CallRefused:
    return CallRefused(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_BATCH_TOO_LARGE,
        f"{field}: more than {at_most}",
        field=field,
    )


def too_large_together(field: str, fitting: int) -> CallRefused:
    """The refusal of a request whose answer would be larger than a message can be."""
    return CallRefused(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_BATCH_TOO_LARGE,
        f"{field}: these are too large for one answer; request at most {fitting} of them",
        field=field,
    )
