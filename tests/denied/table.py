"""Who may do what: the one table from which every expected answer comes."""

from dataclasses import dataclass
from enum import StrEnum

HUB = "device-hub"
REGISTER = "smoc-service"
CONNECTOR = "iec-connector"
COMMAND = "meterpark-cli"
BFF = "bff"
APPS = (HUB, REGISTER, CONNECTOR, COMMAND, BFF)
# Those that call for people; at the register they may do the same.
ASKING = (COMMAND, BFF)

# The network of the device that requests name, and one that a caller of elsewhere may see instead.
NETWORK = "north"
ELSEWHERE = "south"

VIEWING = ("asset-viewer", "asset-manager")
ANYBODY = (*VIEWING, "auditor", "integration-engineer")
MANAGING = ("asset-manager",)
ROLES = (
    "device-provisioner",
    "asset-viewer",
    "asset-manager",
    "auditor",
    "integration-engineer",
)


class Answer(StrEnum):
    RAN = "ran"
    POLICY = "denied by the access policy"
    STRANGER = "denied by the caller's sidecar: no API token"
    PAST_THE_SIDECAR = "denied: not through the sidecar"
    NOT_AUTHENTICATED = "denied: not authenticated"
    EXPIRED = "denied: token expired"
    ROLE = "denied: role missing"
    NETWORK = "denied: network of somebody else"
    # For calls that no lock has a word for: a method that does not exist, a verb that gRPC does not know.
    REFUSED = "refused"
    NONE = "no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    callee: str
    path: str
    # First lock: the apps whose calls the policy lets pass.
    apps: tuple[str, ...]
    # Second lock: one of these roles is needed; None: the method is between apps and asks for no token.
    roles: tuple[str, ...] | None
    # Second lock: only tokens of this client.
    client: str | None = None
    # The request of the case names a device or network of NETWORK.
    names_network: bool = False
    streams: bool = False

    @property
    def service(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def _hub(
    name: str, app: str | tuple[str, ...], roles: tuple[str, ...] | None, *, names: bool = False
) -> Method:
    path = f"/meterpark.device_hub.v1.DeviceHubService/{name}"
    apps = (app,) if isinstance(app, str) else app
    return Method(callee=HUB, path=path, apps=apps, roles=roles, names_network=names)


def _identities(
    name: str,
    roles: tuple[str, ...] = ("asset-manager", "integration-engineer"),
    *,
    names: bool = False,
) -> Method:
    path = f"/meterpark.device_hub.v1.IdentityService/{name}"
    return Method(callee=HUB, path=path, apps=(COMMAND,), roles=roles, names_network=names)


def _hub_audits(name: str) -> Method:
    path = f"/meterpark.device_hub.v1.AuditService/{name}"
    return Method(callee=HUB, path=path, apps=(BFF,), roles=("auditor",))


def _asks(name: str, *, names: bool = False, streams: bool = False) -> Method:
    path = f"/meterpark.smoc.v1.DeviceService/{name}"
    return Method(
        callee=REGISTER,
        path=path,
        apps=ASKING,
        roles=VIEWING,
        names_network=names,
        streams=streams,
    )


def _of_the_page(name: str) -> Method:
    path = f"/meterpark.smoc.v1.DeviceService/{name}"
    return Method(
        callee=REGISTER, path=path, apps=(BFF,), roles=VIEWING, names_network=True, streams=True
    )


def _of_park(service: str, name: str, roles: tuple[str, ...], *, names: bool = False) -> Method:
    path = f"/meterpark.smoc.v1.{service}/{name}"
    return Method(callee=REGISTER, path=path, apps=ASKING, roles=roles, names_network=names)


def _notes(name: str, roles: tuple[str, ...] = MANAGING) -> Method:
    path = f"/meterpark.smoc.v1.NoteService/{name}"
    return Method(callee=REGISTER, path=path, apps=(BFF,), roles=roles, names_network=True)


def _audits(name: str) -> Method:
    path = f"/meterpark.smoc.v1.AuditService/{name}"
    return Method(callee=REGISTER, path=path, apps=(BFF,), roles=("auditor",))


def _alarms(name: str, roles: tuple[str, ...] = MANAGING, *, streams: bool = False) -> Method:
    path = f"/meterpark.smoc.v1.AlarmService/{name}"
    return Method(
        callee=REGISTER,
        path=path,
        apps=ASKING,
        roles=roles,
        names_network=True,
        streams=streams,
    )


def _provisions(name: str) -> Method:
    path = f"/meterpark.smoc.v1.ProvisioningService/{name}"
    return Method(
        callee=REGISTER, path=path, apps=(HUB,), roles=("device-provisioner",), client=HUB
    )


def _status(callee: str) -> Method:
    path = "/meterpark.status.v1.StatusService/GetStatus"
    return Method(
        callee=callee, path=path, apps=(COMMAND,), roles=("asset-manager", "integration-engineer")
    )


def _health(callee: str, apps: tuple[str, ...]) -> Method:
    return Method(callee=callee, path="/grpc.health.v1.Health/Check", apps=apps, roles=None)


# fmt: off
METHODS = (
    #     method                       calling app  roles, one of which is needed
    _hub("RecordReports",              CONNECTOR,   None),
    _hub("QuarantineMessages",         CONNECTOR,   None),
    _hub("ClaimReplays",               CONNECTOR,   None),
    _hub("ReadReplayBody",             CONNECTOR,   None),
    _hub("CompleteReplays",            CONNECTOR,   None),
    _hub("TellProgress",               CONNECTOR,   None),
    _hub("RecordShipments",            REGISTER,    None),
    _hub("GetDevice",                  COMMAND,     (*VIEWING, "auditor", "integration-engineer"), names=True),
    _hub("GetDeviceHistory",           ASKING,      ("auditor",), names=True),
    _hub("ListQuarantinedMessages",    ASKING,      ("integration-engineer",)),
    _hub("GetQuarantinedMessage",      ASKING,      ("integration-engineer",)),
    _hub("ReplayQuarantinedMessages",  ASKING,      ("integration-engineer",)),
    _hub("GetReplay",                  ASKING,      ("integration-engineer",)),
    _hub("CountQuarantinedMessages",   ASKING,      ("asset-manager", "integration-engineer")),
    _hub("ClaimReadings",              CONNECTOR,   None),
    _hub("CompleteReading",            CONNECTOR,   None),
    _hub("RequestReading",             ASKING,      ("integration-engineer",)),
    _hub("GetReading",                 ASKING,      ("integration-engineer",)),
    _hub("ListFeeds",                  ASKING,      ("asset-manager", "integration-engineer")),
    _identities("ListIdentityConflicts"),
    _identities("ResolveIdentityConflict"),
    _identities("JoinDevices", MANAGING, names=True),
    _identities("UndoJoin", MANAGING, names=True),
    _hub_audits("ListDeeds"),          # bff alone, as at the register
    _provisions("ProvisionDevices"),   # device-hub, with the role device-provisioner and its own client's token
    _provisions("CompareRevisions"),
    _asks("GetDevice", names=True),    # meterpark-cli and bff, with the role asset-viewer or asset-manager
    _asks("BatchGetDevices", names=True),
    _asks("ListDevices", names=True),
    _of_the_page("ExportDevices"),     # bff alone: only the page has a way to take so much
    _asks("ListDeviceEvents", names=True),
    _asks("CountDevices", names=True),
    _asks("GetDeviceAt", names=True),
    _asks("GetParkSummary"),
    _asks("WatchParkSummary", streams=True),
    _asks("GetRollout", names=True),
    _asks("GetCommunicationQuality", names=True),
    _asks("ListPlaceClusters", names=True),
    _asks("WatchDevices", names=True, streams=True),
    _alarms("ListAlarms", VIEWING),
    _alarms("GetAlarm", VIEWING),
    _alarms("AcknowledgeAlarm"),       # the changes: asset-manager alone
    _alarms("AssignAlarm"),
    _alarms("CommentAlarm"),
    _alarms("SnoozeAlarm"),
    _alarms("ResolveAlarm"),
    _alarms("WatchAlarms", VIEWING, streams=True),
    _alarms("GetAlarmLoad", VIEWING),
    _of_park("JobService", "PreviewJob", MANAGING, names=True),
    _of_park("JobService", "CreateJob", MANAGING, names=True),
    _of_park("JobService", "GetJob", VIEWING),
    _of_park("JobService", "ListJobs", VIEWING),
    _of_park("JobService", "ListJobItems", VIEWING),
    _of_park("JobService", "PauseJob", MANAGING),
    _of_park("JobService", "ResumeJob", MANAGING),
    _of_park("JobService", "CancelJob", MANAGING),
    _of_park("ViewService", "ListViews", VIEWING),
    _of_park("ViewService", "CreateView", VIEWING),
    _of_park("ViewService", "UpdateView", VIEWING),
    _of_park("ViewService", "DeleteView", VIEWING),
    _of_park("ViewService", "GetPreferences", ANYBODY),
    _of_park("ViewService", "SetPreference", ANYBODY),
    _notes("ListNotes", VIEWING),
    _notes("CreateNote"),
    _notes("DeleteNote"),
    _of_park("ImportService", "CreateImport", MANAGING),
    _of_park("ImportService", "AppendImportChunk", MANAGING),
    _of_park("ImportService", "CheckImport", MANAGING),
    _of_park("ImportService", "RunImport", MANAGING),
    _of_park("ImportService", "GetImport", VIEWING),
    _of_park("ImportService", "ListImports", VIEWING),
    _of_park("ImportService", "ListImportRows", VIEWING),
    _of_park("ImportService", "PauseImport", MANAGING),
    _of_park("ImportService", "ResumeImport", MANAGING),
    _of_park("ImportService", "CancelImport", MANAGING),
    _audits("ListDeeds"),
    _status(HUB),
    _status(REGISTER),
    _health(HUB, (COMMAND,)),
    _health(REGISTER, ASKING),
)
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKind:
    """What a token is like; how it comes about is `tokens.py`'s matter."""

    name: str
    # What a method that asks for a token says to this one; None: it is valid, its roles and networks decide.
    fault: Answer | None = None
    roles: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    client: str = ""
    # For which services it was issued.
    audiences: tuple[str, ...] = (HUB, REGISTER)


def _of_role(role: str) -> TokenKind:
    return TokenKind(name=f"role {role}", roles=(role,), networks=(NETWORK,))


NO_TOKEN = TokenKind(name="none at all", fault=Answer.NOT_AUTHENTICATED)
UNKNOWN_KEY = TokenKind(name="unknown key", fault=Answer.NOT_AUTHENTICATED)
OF_THE_HUB = TokenKind(
    name="of device-hub itself", roles=("device-provisioner",), client=HUB, audiences=(REGISTER,)
)
TOKENS = (
    NO_TOKEN,
    TokenKind(name="garbage", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="empty", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="not a bearer", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="expired", fault=Answer.EXPIRED),
    TokenKind(name="wrong issuer", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="wrong audience", roles=ROLES, networks=("*",), audiences=()),
    TokenKind(name="algorithm PS256", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="algorithm HS512", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="algorithm none", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="HS256 with the public key", fault=Answer.NOT_AUTHENTICATED),
    UNKNOWN_KEY,
    TokenKind(name="known key's name, other key", fault=Answer.NOT_AUTHENTICATED),
    TokenKind(name="claims changed", fault=Answer.NOT_AUTHENTICATED),
    *map(_of_role, ROLES),
    TokenKind(name="algorithm ES256", roles=VIEWING, networks=(NETWORK,)),
    TokenKind(name="no role", networks=(NETWORK,)),
    TokenKind(name="every role, other network", roles=ROLES, networks=(ELSEWHERE,)),
    TokenKind(name="every role, no network", roles=ROLES),
    TokenKind(name="every role, all networks", roles=ROLES, networks=("*",)),
    OF_THE_HUB,
)
# The most that anyone can bring along: what these do not open is shut.
STRONGEST = (OF_THE_HUB, next(kind for kind in TOKENS if kind.name == "every role, all networks"))


def said_by_the_token_check(method: Method, token: TokenKind) -> Answer:
    """What the second lock alone says."""
    if method.roles is None:
        return Answer.RAN
    if token.fault is not None:
        return token.fault
    if method.callee not in token.audiences:
        return Answer.NOT_AUTHENTICATED
    if not set(method.roles) & set(token.roles):
        return Answer.ROLE
    if method.client is not None and token.client != method.client:
        return Answer.ROLE
    if method.names_network and not {NETWORK, "*"} & set(token.networks):
        return Answer.NETWORK
    return Answer.RAN


def said_by_the_policy(app: str, method: Method) -> Answer:
    """What the first lock alone says."""
    return Answer.RAN if app in method.apps else Answer.POLICY
