"""Who may call which method of the register (bearer_tokens.access). The caller's scope decides what it sees there."""

from typing import Final

from bearer_tokens.access import AccessTable, Roles

AUDIENCE: Final = "smoc-service"

_SEES = Roles(frozenset({"asset-viewer", "asset-manager"}))
_WORKS = Roles(frozenset({"asset-manager"}))
_ANYBODY = Roles(frozenset({"asset-viewer", "asset-manager", "auditor", "integration-engineer"}))
_AUDITS = Roles(frozenset({"auditor"}))
_RUNS = Roles(frozenset({"asset-manager", "integration-engineer"}))
# The app is checked, too: the role alone may be granted to another client by mistake.
_PROVISIONS = Roles(frozenset({"device-provisioner"}), client="device-hub")

TABLE: Final[AccessTable] = {
    "/meterpark.smoc.v1.DeviceService/GetDevice": _SEES,
    "/meterpark.smoc.v1.DeviceService/BatchGetDevices": _SEES,
    "/meterpark.smoc.v1.DeviceService/ListDevices": _SEES,
    "/meterpark.smoc.v1.DeviceService/ExportDevices": _SEES,
    "/meterpark.smoc.v1.DeviceService/ListDeviceEvents": _SEES,
    "/meterpark.smoc.v1.DeviceService/CountDevices": _SEES,
    "/meterpark.smoc.v1.DeviceService/ListPlaceClusters": _SEES,
    "/meterpark.smoc.v1.DeviceService/GetDeviceAt": _SEES,
    "/meterpark.smoc.v1.DeviceService/GetParkSummary": _SEES,
    "/meterpark.smoc.v1.DeviceService/WatchParkSummary": _SEES,
    "/meterpark.smoc.v1.DeviceService/GetRollout": _SEES,
    "/meterpark.smoc.v1.DeviceService/GetCommunicationQuality": _SEES,
    "/meterpark.smoc.v1.DeviceService/WatchDevices": _SEES,
    "/meterpark.smoc.v1.AlarmService/ListAlarms": _SEES,
    "/meterpark.smoc.v1.AlarmService/GetAlarm": _SEES,
    "/meterpark.smoc.v1.AlarmService/AcknowledgeAlarm": _WORKS,
    "/meterpark.smoc.v1.AlarmService/AssignAlarm": _WORKS,
    "/meterpark.smoc.v1.AlarmService/CommentAlarm": _WORKS,
    "/meterpark.smoc.v1.AlarmService/SnoozeAlarm": _WORKS,
    "/meterpark.smoc.v1.AlarmService/ResolveAlarm": _WORKS,
    "/meterpark.smoc.v1.AlarmService/WatchAlarms": _SEES,
    "/meterpark.smoc.v1.AlarmService/GetAlarmLoad": _SEES,
    "/meterpark.smoc.v1.JobService/PreviewJob": _WORKS,
    "/meterpark.smoc.v1.JobService/CreateJob": _WORKS,
    "/meterpark.smoc.v1.JobService/GetJob": _SEES,
    "/meterpark.smoc.v1.JobService/ListJobs": _SEES,
    "/meterpark.smoc.v1.JobService/ListJobItems": _SEES,
    "/meterpark.smoc.v1.JobService/PauseJob": _WORKS,
    "/meterpark.smoc.v1.JobService/ResumeJob": _WORKS,
    "/meterpark.smoc.v1.JobService/CancelJob": _WORKS,
    "/meterpark.smoc.v1.ViewService/ListViews": _SEES,
    "/meterpark.smoc.v1.ViewService/CreateView": _SEES,
    "/meterpark.smoc.v1.ViewService/UpdateView": _SEES,
    "/meterpark.smoc.v1.ViewService/DeleteView": _SEES,
    "/meterpark.smoc.v1.ViewService/GetPreferences": _ANYBODY,
    "/meterpark.smoc.v1.ViewService/SetPreference": _ANYBODY,
    "/meterpark.smoc.v1.NoteService/ListNotes": _SEES,
    "/meterpark.smoc.v1.NoteService/CreateNote": _WORKS,
    "/meterpark.smoc.v1.NoteService/DeleteNote": _WORKS,
    "/meterpark.smoc.v1.ImportService/CreateImport": _WORKS,
    "/meterpark.smoc.v1.ImportService/AppendImportChunk": _WORKS,
    "/meterpark.smoc.v1.ImportService/CheckImport": _WORKS,
    "/meterpark.smoc.v1.ImportService/RunImport": _WORKS,
    "/meterpark.smoc.v1.ImportService/GetImport": _SEES,
    "/meterpark.smoc.v1.ImportService/ListImports": _SEES,
    "/meterpark.smoc.v1.ImportService/ListImportRows": _SEES,
    "/meterpark.smoc.v1.ImportService/PauseImport": _WORKS,
    "/meterpark.smoc.v1.ImportService/ResumeImport": _WORKS,
    "/meterpark.smoc.v1.ImportService/CancelImport": _WORKS,
    "/meterpark.smoc.v1.AuditService/ListDeeds": _AUDITS,
    "/meterpark.smoc.v1.ProvisioningService/ProvisionDevices": _PROVISIONS,
    "/meterpark.smoc.v1.ProvisioningService/CompareRevisions": _PROVISIONS,
    "/meterpark.status.v1.StatusService/GetStatus": _RUNS,
}
