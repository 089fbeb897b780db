"""A request per method that changes nothing, and of which the answer tells that the method ran."""

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import quarantine_pb2 as quarantine
from meterpark.smoc.v1 import alarm_service_pb2 as alarms
from meterpark.smoc.v1 import device_service_pb2 as register
from meterpark.smoc.v1 import provisioning_service_pb2 as provisioning

from tests.denied.table import METHODS, NETWORK, Method

# Nobody ever reports about it.
DEVICE = f"{NETWORK}/DENIED-1"
_ALARM = f"{NETWORK}/{'0' * 20}"
_ID = "3f0f8a9e-0000-4000-8000-000000000000"
_FILTER = register.DeviceFilter(networks=[NETWORK])

_HUB: dict[str, Message] = {
    # Empty batches: the method's own word on them is ARGUMENT_INVALID.
    "RecordReports": hub.RecordReportsRequest(),
    "QuarantineMessages": quarantine.QuarantineMessagesRequest(),
    "ClaimReplays": quarantine.ClaimReplaysRequest(limit=0),
    "CompleteReplays": quarantine.CompleteReplaysRequest(),
    "GetDevice": hub.GetDeviceRequest(device_id=DEVICE),
    "GetDeviceHistory": hub.GetDeviceHistoryRequest(device_id=DEVICE),
    "ListQuarantinedMessages": quarantine.ListQuarantinedMessagesRequest(page_size=1),
    "GetQuarantinedMessage": quarantine.GetQuarantinedMessageRequest(quarantine_id="DENIED-1"),
    "ReplayQuarantinedMessages": quarantine.ReplayQuarantinedMessagesRequest(),
}
_REGISTER: dict[str, Message] = {
    "ProvisionDevices": provisioning.ProvisionDevicesRequest(),
    "CompareRevisions": provisioning.CompareRevisionsRequest(),
    "GetDevice": register.GetDeviceRequest(device_id=DEVICE),
    "BatchGetDevices": register.BatchGetDevicesRequest(device_ids=[DEVICE]),
    "ListDevices": register.ListDevicesRequest(filter=_FILTER, page_size=1),
    "ListDeviceEvents": register.ListDeviceEventsRequest(device_id=DEVICE),
    "GetParkSummary": register.GetParkSummaryRequest(),
    "ListAlarms": alarms.ListAlarmsRequest(
        filter=alarms.AlarmFilter(networks=[NETWORK]), page_size=1
    ),
    # No such alarm: the method's own word is ALARM_UNKNOWN.
    "GetAlarm": alarms.GetAlarmRequest(alarm_id=_ALARM),
    "AcknowledgeAlarm": alarms.AcknowledgeAlarmRequest(alarm_id=_ALARM, request_id=_ID),
    "AssignAlarm": alarms.AssignAlarmRequest(alarm_id=_ALARM, request_id=_ID, assignee="anna"),
    "CommentAlarm": alarms.CommentAlarmRequest(alarm_id=_ALARM, request_id=_ID, comment="seen"),
    "SnoozeAlarm": alarms.SnoozeAlarmRequest(
        alarm_id=_ALARM, request_id=_ID, until_time=Timestamp(seconds=1)
    ),
    "ResolveAlarm": alarms.ResolveAlarmRequest(alarm_id=_ALARM, request_id=_ID),
    "WatchDevices": register.WatchDevicesRequest(filter=_FILTER),
}


def request_of(method: Method) -> bytes:
    if method.path.startswith("/grpc.health."):
        return health_pb2.HealthCheckRequest().SerializeToString()
    by_name = _HUB if ".device_hub." in method.path else _REGISTER
    return by_name[method.name].SerializeToString()


REQUESTS = {method: request_of(method) for method in METHODS}
