"""Which role a call needs, for the text about a missing role; the services decide (a test compares both)."""

_SEEING = ("asset-viewer", "asset-manager")
_MANAGING = ("asset-manager",)
_ANYBODY = (*_SEEING, "auditor", "integration-engineer")
_ENGINEERING = ("integration-engineer",)
_RUNNING = ("asset-manager", "integration-engineer")

# App id -> method -> any of these roles; "" means every other method.
ROLES_NEEDED: dict[str, dict[str, tuple[str, ...]]] = {
    "smoc-service": {
        "": _SEEING,
        "AcknowledgeAlarm": _MANAGING,
        "AssignAlarm": _MANAGING,
        "CommentAlarm": _MANAGING,
        "SnoozeAlarm": _MANAGING,
        "ResolveAlarm": _MANAGING,
        "PreviewJob": _MANAGING,
        "CreateJob": _MANAGING,
        "PauseJob": _MANAGING,
        "ResumeJob": _MANAGING,
        "CancelJob": _MANAGING,
        "CreateNote": _MANAGING,
        "DeleteNote": _MANAGING,
        "CreateImport": _MANAGING,
        "AppendImportChunk": _MANAGING,
        "CheckImport": _MANAGING,
        "RunImport": _MANAGING,
        "PauseImport": _MANAGING,
        "ResumeImport": _MANAGING,
        "CancelImport": _MANAGING,
        "ListDeeds": ("auditor",),
        "GetPreferences": _ANYBODY,
        "SetPreference": _ANYBODY,
        "GetStatus": _RUNNING,
    },
    "device-hub": {
        "GetDevice": (*_SEEING, "auditor", "integration-engineer"),
        "GetDeviceHistory": ("auditor",),
        "ListQuarantinedMessages": _ENGINEERING,
        "GetQuarantinedMessage": _ENGINEERING,
        "ReplayQuarantinedMessages": _ENGINEERING,
        "GetReplay": _ENGINEERING,
        "CountQuarantinedMessages": _RUNNING,
        "ListFeeds": _RUNNING,
        "RequestReading": _ENGINEERING,
        "GetReading": _ENGINEERING,
        "ListIdentityConflicts": _RUNNING,
        "ResolveIdentityConflict": _RUNNING,
        "JoinDevices": _MANAGING,
        "UndoJoin": _MANAGING,
        "ListDeeds": ("auditor",),
        "GetStatus": _RUNNING,
    },
}


def roles_needed(app_id: str, method: str) -> tuple[str, ...]:
    table = ROLES_NEEDED.get(app_id, {})
    return table.get(method) or table.get("", ())
