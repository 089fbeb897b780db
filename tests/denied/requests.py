"""A request per method that changes nothing, and of which the answer tells that the method ran."""

from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import quarantine_pb2 as quarantine
from meterpark.smoc.v1 import device_service_pb2 as register
from meterpark.smoc.v1 import provisioning_service_pb2 as provisioning

from tests.denied.table import METHODS, NETWORK, Method

# Nobody ever reports about it.
DEVICE = f"{NETWORK}/DENIED-1"
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
    "WatchDevices": register.WatchDevicesRequest(filter=_FILTER),
}


def request_of(method: Method) -> bytes:
    if method.path.startswith("/grpc.health."):
        return health_pb2.HealthCheckRequest().SerializeToString()
    by_name = _HUB if ".device_hub." in method.path else _REGISTER
    return by_name[method.name].SerializeToString()


REQUESTS = {method: request_of(method) for method in METHODS}
