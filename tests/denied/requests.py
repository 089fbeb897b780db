"""A request per method that changes nothing, and of which the answer tells that the method ran."""

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2
from meterpark.device_hub.v1 import audit_service_pb2 as hub_audit
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub
from meterpark.device_hub.v1 import feed_pb2 as feeds
from meterpark.device_hub.v1 import identity_service_pb2 as identities
from meterpark.device_hub.v1 import quarantine_pb2 as quarantine
from meterpark.device_hub.v1 import reading_pb2 as readings
from meterpark.smoc.v1 import alarm_service_pb2 as alarms
from meterpark.smoc.v1 import audit_service_pb2 as audit
from meterpark.smoc.v1 import device_service_pb2 as register
from meterpark.smoc.v1 import import_service_pb2 as imports
from meterpark.smoc.v1 import job_service_pb2 as jobs
from meterpark.smoc.v1 import note_service_pb2 as notes
from meterpark.smoc.v1 import provisioning_service_pb2 as provisioning
from meterpark.smoc.v1 import view_service_pb2 as views
from meterpark.status.v1 import status_service_pb2 as status

from tests.denied.table import METHODS, NETWORK, Method

# Nobody ever reports about it.
DEVICE = f"{NETWORK}/DENIED-1"
_ALARM = f"{NETWORK}/{'0' * 20}"
_ID = "3f0f8a9e-0000-4000-8000-000000000000"
_START, _END = "2026-11-01", "2026-11-02"
_FILTER = register.DeviceFilter(networks=[NETWORK])
_SELECTION = jobs.DeviceSelection(filter=_FILTER)
_ACTION = jobs.JobAction(unmark_for_exchange=jobs.UnmarkForExchangeAction())

_HUB: dict[str, Message] = {
    # Empty batches: the method's own word on them is ARGUMENT_INVALID.
    "RecordReports": hub.RecordReportsRequest(),
    "RecordShipments": hub.RecordShipmentsRequest(),
    "QuarantineMessages": quarantine.QuarantineMessagesRequest(),
    "ClaimReplays": quarantine.ClaimReplaysRequest(limit=0),
    "ReadReplayBody": quarantine.ReadReplayBodyRequest(),
    "CompleteReplays": quarantine.CompleteReplaysRequest(),
    # Nobody's progress: the method's own word is ARGUMENT_INVALID.
    "TellProgress": hub.TellProgressRequest(),
    "GetDevice": hub.GetDeviceRequest(device_id=DEVICE),
    "GetDeviceHistory": hub.GetDeviceHistoryRequest(device_id=DEVICE),
    "ListQuarantinedMessages": quarantine.ListQuarantinedMessagesRequest(page_size=1),
    "GetQuarantinedMessage": quarantine.GetQuarantinedMessageRequest(quarantine_id="DENIED-1"),
    "ReplayQuarantinedMessages": quarantine.ReplayQuarantinedMessagesRequest(),
    "GetReplay": quarantine.GetReplayRequest(replay_id="DENIED-1"),
    "CountQuarantinedMessages": quarantine.CountQuarantinedMessagesRequest(),
    "ClaimReadings": readings.ClaimReadingsRequest(),
    "CompleteReading": readings.CompleteReadingRequest(reading_id="DENIED-1"),
    "RequestReading": readings.RequestReadingRequest(),
    "GetReading": readings.GetReadingRequest(reading_id="DENIED-1"),
    "ListFeeds": feeds.ListFeedsRequest(),
    "ListIdentityConflicts": identities.ListIdentityConflictsRequest(page_size=1),
    "ResolveIdentityConflict": identities.ResolveIdentityConflictRequest(
        conflict_id="DENIED-1", reason="denied"
    ),
    "JoinDevices": identities.JoinDevicesRequest(
        kept_device_id=DEVICE, joined_device_id=f"{NETWORK}/DENIED-2", reason="denied"
    ),
    "UndoJoin": identities.UndoJoinRequest(joined_device_id=DEVICE, reason="denied"),
    "ListDeeds": hub_audit.ListDeedsRequest(page_size=1),
}
_REGISTER: dict[str, Message] = {
    "ProvisionDevices": provisioning.ProvisionDevicesRequest(),
    "CompareRevisions": provisioning.CompareRevisionsRequest(),
    "GetDevice": register.GetDeviceRequest(device_id=DEVICE),
    "BatchGetDevices": register.BatchGetDevicesRequest(device_ids=[DEVICE]),
    "ListDevices": register.ListDevicesRequest(filter=_FILTER, page_size=1),
    "ListDeviceEvents": register.ListDeviceEventsRequest(device_id=DEVICE),
    "ExportDevices": register.ExportDevicesRequest(filter=_FILTER, columns=["device_id"]),
    "CountDevices": register.CountDevicesRequest(filter=_FILTER),
    "GetDeviceAt": register.GetDeviceAtRequest(device_id=DEVICE, time=Timestamp(seconds=1)),
    "WatchParkSummary": register.WatchParkSummaryRequest(),
    "GetRollout": register.GetRolloutRequest(networks=[NETWORK], start_date=_START, end_date=_END),
    "GetCommunicationQuality": register.GetCommunicationQualityRequest(
        networks=[NETWORK], start_date=_START, end_date=_END
    ),
    "ListPlaceClusters": register.ListPlaceClustersRequest(filter=_FILTER),
    "GetParkSummary": register.GetParkSummaryRequest(),
    "ListAlarms": alarms.ListAlarmsRequest(
        filter=alarms.AlarmFilter(networks=[NETWORK]), page_size=1
    ),
    "GetAlarmLoad": alarms.GetAlarmLoadRequest(
        networks=[NETWORK], start_date="2026-11-01", end_date="2026-11-30"
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
    "WatchAlarms": alarms.WatchAlarmsRequest(filter=alarms.AlarmFilter(networks=[NETWORK])),
    "PreviewJob": jobs.PreviewJobRequest(selection=_SELECTION, action=_ACTION),
    "CreateJob": jobs.CreateJobRequest(
        request_id=_ID, selection=jobs.DeviceSelection(device_ids=[DEVICE]), action=_ACTION
    ),
    "GetJob": jobs.GetJobRequest(job_id=_ID),
    "ListJobs": jobs.ListJobsRequest(page_size=1),
    "ListJobItems": jobs.ListJobItemsRequest(job_id=_ID),
    "PauseJob": jobs.PauseJobRequest(job_id=_ID),
    "ResumeJob": jobs.ResumeJobRequest(job_id=_ID),
    "CancelJob": jobs.CancelJobRequest(job_id=_ID),
    "ListViews": views.ListViewsRequest(),
    # No name, no such view: the methods' own words.
    "CreateView": views.CreateViewRequest(request_id=_ID),
    "UpdateView": views.UpdateViewRequest(view=views.View(view_id=_ID, name="denied")),
    "DeleteView": views.DeleteViewRequest(view_id=_ID),
    "GetPreferences": views.GetPreferencesRequest(),
    "SetPreference": views.SetPreferenceRequest(
        preference=views.Preference(name="denied", value="denied")
    ),
    "ListNotes": notes.ListNotesRequest(device_id=DEVICE),
    "CreateNote": notes.CreateNoteRequest(device_id=DEVICE, request_id=_ID, text="denied"),
    "DeleteNote": notes.DeleteNoteRequest(device_id=DEVICE, note_id="0" * 32),
    "CreateImport": imports.CreateImportRequest(request_id=_ID),
    "AppendImportChunk": imports.AppendImportChunkRequest(import_id=_ID, content=b"serial"),
    "CheckImport": imports.CheckImportRequest(import_id=_ID),
    "RunImport": imports.RunImportRequest(import_id=_ID),
    "GetImport": imports.GetImportRequest(import_id=_ID),
    "ListImports": imports.ListImportsRequest(page_size=1),
    "ListImportRows": imports.ListImportRowsRequest(import_id=_ID),
    "PauseImport": imports.PauseImportRequest(import_id=_ID),
    "ResumeImport": imports.ResumeImportRequest(import_id=_ID),
    "CancelImport": imports.CancelImportRequest(import_id=_ID),
    "ListDeeds": audit.ListDeedsRequest(page_size=1),
    "WatchDevices": register.WatchDevicesRequest(filter=_FILTER),
}


def request_of(method: Method) -> bytes:
    if method.path.startswith("/grpc.health."):
        return health_pb2.HealthCheckRequest().SerializeToString()
    if ".status." in method.path:
        return status.GetStatusRequest().SerializeToString()
    by_name = _HUB if ".device_hub." in method.path else _REGISTER
    return by_name[method.name].SerializeToString()


REQUESTS = {method: request_of(method) for method in METHODS}
