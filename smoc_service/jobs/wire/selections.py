"""What a job is about, as messages say it."""

from collections.abc import Sequence

from google.protobuf import json_format
from meterpark.smoc.v1 import alarm_service_pb2, device_service_pb2
from meterpark.smoc.v1 import job_service_pb2 as contract

from contract_limits import DEVICES_PER_CALL
from service_chassis.refusals import argument_invalid
from smoc_service.alarms.wire import read_alarm_filter, read_alarm_id
from smoc_service.door.reading import read_device_id, under
from smoc_service.jobs.core.job import Selection
from smoc_service.park.questions import filter_document, read_filter


def read_selection(request: contract.CreateJobRequest | contract.PreviewJobRequest) -> Selection:
    """Return the checked selection; conditions stay in the contract's words, in which they are stored."""
    if not request.HasField("alarm_selection"):
        return _read_devices(request.selection)
    if request.HasField("selection"):
        raise argument_invalid("alarm_selection", "give either selection or alarm_selection")
    return _read_alarms(request.alarm_selection)


def _read_alarms(message: contract.AlarmSelection) -> Selection:
    conditioned = message.HasField("filter")
    if conditioned == bool(message.alarm_ids):
        raise argument_invalid("alarm_selection", "give either filter or alarm_ids")
    if not conditioned:
        if message.excluded_alarm_ids:
            raise argument_invalid("alarm_selection.excluded_alarm_ids", "only with a filter")
        return Selection(alarm_ids=_read_alarm_ids(message.alarm_ids, "alarm_ids"))
    with under("alarm_selection"):
        read_alarm_filter(message.filter)
    kept = json_format.MessageToDict(message.filter, preserving_proto_field_name=True)
    without = _read_alarm_ids(message.excluded_alarm_ids, "excluded_alarm_ids")
    return Selection(alarm_conditions=kept, without=without)


def _read_alarm_ids(alarm_ids: Sequence[str], name: str) -> tuple[str, ...]:
    field = f"alarm_selection.{name}"
    if len(alarm_ids) > DEVICES_PER_CALL:
        raise argument_invalid(field, f"more than {DEVICES_PER_CALL}")
    return tuple(
        dict.fromkeys(
            read_alarm_id(alarm_id, f"{field}[{index}]") for index, alarm_id in enumerate(alarm_ids)
        )
    )


def _read_devices(message: contract.DeviceSelection) -> Selection:
    conditioned = message.HasField("filter")
    if conditioned == bool(message.device_ids):
        raise argument_invalid("selection", "give either filter or device_ids")
    if not conditioned:
        if message.excluded_device_ids:
            raise argument_invalid("selection.excluded_device_ids", "only with a filter")
        return Selection(device_ids=_read_device_ids(message.device_ids, "selection.device_ids"))
    if message.filter == device_service_pb2.DeviceFilter():
        raise argument_invalid("selection.filter", "no condition: name at least one")
    with under("selection"):
        read_filter(message.filter)
    return Selection(
        conditions=filter_document(message.filter),
        without=_read_device_ids(message.excluded_device_ids, "selection.excluded_device_ids"),
    )


def write_device_selection(selection: Selection) -> contract.DeviceSelection | None:
    """Return the devices that are selected; None of alarms, and of a job that was read without its selection."""
    if selection.conditions is None and not selection.device_ids:
        return None
    message = contract.DeviceSelection(
        device_ids=selection.device_ids, excluded_device_ids=selection.without
    )
    if selection.conditions is not None:
        json_format.ParseDict(dict(selection.conditions), message.filter)
    return message


def write_alarm_selection(selection: Selection) -> contract.AlarmSelection | None:
    """Return the alarms that are selected, or None."""
    if selection.alarm_conditions is not None:
        message = alarm_service_pb2.AlarmFilter()
        json_format.ParseDict(dict(selection.alarm_conditions), message)
        return contract.AlarmSelection(filter=message, excluded_alarm_ids=selection.without)
    if selection.alarm_ids:
        return contract.AlarmSelection(alarm_ids=selection.alarm_ids)
    return None


def _read_device_ids(device_ids: Sequence[str], field: str) -> tuple[str, ...]:
    if len(device_ids) > DEVICES_PER_CALL:
        raise argument_invalid(field, f"more than {DEVICES_PER_CALL}")
    for index, device_id in enumerate(device_ids):
        read_device_id(device_id, f"{field}[{index}]")
    return tuple(dict.fromkeys(device_ids))
