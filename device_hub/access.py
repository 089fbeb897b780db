"""Who may call which method of the hub (bearer_tokens.access). The caller's scope decides what it sees there."""

from typing import Final

from bearer_tokens.access import AccessTable, Roles, WithoutToken

AUDIENCE: Final = "device-hub"

_SEES = Roles(frozenset({"asset-viewer", "asset-manager", "auditor", "integration-engineer"}))
_AUDITS = Roles(frozenset({"auditor"}))
_MENDS = Roles(frozenset({"integration-engineer"}))
_MANAGES = Roles(frozenset({"asset-manager"}))
_RUNS = Roles(frozenset({"asset-manager", "integration-engineer"}))
# The connector acts for a head-end system, the register for a shipment file that a user uploaded before. The access
# policy of the hub's sidecar admits only these two.
_CONNECTS = WithoutToken()

TABLE: Final[AccessTable] = {
    "/meterpark.device_hub.v1.DeviceHubService/RecordReports": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/RecordShipments": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/GetDevice": _SEES,
    "/meterpark.device_hub.v1.DeviceHubService/GetDeviceHistory": _AUDITS,
    "/meterpark.device_hub.v1.DeviceHubService/QuarantineMessages": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/ListQuarantinedMessages": _MENDS,
    "/meterpark.device_hub.v1.DeviceHubService/GetQuarantinedMessage": _MENDS,
    "/meterpark.device_hub.v1.DeviceHubService/ReplayQuarantinedMessages": _MENDS,
    "/meterpark.device_hub.v1.DeviceHubService/GetReplay": _MENDS,
    "/meterpark.device_hub.v1.DeviceHubService/CountQuarantinedMessages": _RUNS,
    "/meterpark.device_hub.v1.DeviceHubService/ListFeeds": _RUNS,
    "/meterpark.device_hub.v1.DeviceHubService/RequestReading": _MENDS,
    "/meterpark.device_hub.v1.DeviceHubService/GetReading": _MENDS,
    "/meterpark.device_hub.v1.DeviceHubService/ClaimReadings": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/CompleteReading": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/ClaimReplays": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/ReadReplayBody": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/CompleteReplays": _CONNECTS,
    "/meterpark.device_hub.v1.DeviceHubService/TellProgress": _CONNECTS,
    "/meterpark.device_hub.v1.IdentityService/ListIdentityConflicts": _RUNS,
    "/meterpark.device_hub.v1.IdentityService/ResolveIdentityConflict": _RUNS,
    "/meterpark.device_hub.v1.IdentityService/JoinDevices": _MANAGES,
    "/meterpark.device_hub.v1.IdentityService/UndoJoin": _MANAGES,
    "/meterpark.device_hub.v1.AuditService/ListDeeds": _AUDITS,
    "/meterpark.status.v1.StatusService/GetStatus": _RUNS,
}
