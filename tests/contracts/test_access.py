"""Who may call what: the tables name the methods of the contracts; their roles and audiences are those of the realm."""

import pytest
from google.protobuf.descriptor import FileDescriptor
from meterpark.device_hub.v1 import audit_service_pb2 as hub_audit_service_pb2
from meterpark.device_hub.v1 import device_hub_service_pb2, identity_service_pb2
from meterpark.smoc.v1 import (
    alarm_service_pb2,
    audit_service_pb2,
    device_service_pb2,
    import_service_pb2,
    job_service_pb2,
    note_service_pb2,
    provisioning_service_pb2,
    view_service_pb2,
)
from meterpark.status.v1 import status_service_pb2

from bearer_tokens.access import AccessTable, Roles, WithoutToken
from deploy.local.processes.keycloak_realm import realm_template
from device_hub import access as hub
from smoc_service import access as register

HUB = "/meterpark.device_hub.v1.DeviceHubService/"
IDENTITIES = "/meterpark.device_hub.v1.IdentityService/"
DEVICES = "/meterpark.smoc.v1.DeviceService/"
ALARMS = "/meterpark.smoc.v1.AlarmService/"
PROVISIONING = "/meterpark.smoc.v1.ProvisioningService/"
JOBS = "/meterpark.smoc.v1.JobService/"
IMPORTS = "/meterpark.smoc.v1.ImportService/"
NOTES = "/meterpark.smoc.v1.NoteService/"
VIEWS = "/meterpark.smoc.v1.ViewService/"
STATUS = "/meterpark.status.v1.StatusService/"
REGISTER_FILES = (
    alarm_service_pb2,
    audit_service_pb2,
    device_service_pb2,
    import_service_pb2,
    job_service_pb2,
    note_service_pb2,
    provisioning_service_pb2,
    status_service_pb2,
    view_service_pb2,
)
HUB_FILES = (
    device_hub_service_pb2,
    hub_audit_service_pb2,
    identity_service_pb2,
    status_service_pb2,
)


def methods(*files: FileDescriptor) -> set[str]:
    return {
        f"/{service.full_name}/{method.name}"
        for file in files
        for service in file.services_by_name.values()
        for method in service.methods
    }


@pytest.mark.parametrize(
    ("table", "files"),
    [
        (hub.TABLE, [file.DESCRIPTOR for file in HUB_FILES]),
        (register.TABLE, [file.DESCRIPTOR for file in REGISTER_FILES]),
    ],
    ids=["device_hub", "smoc_service"],
)
def test_a_table_has_every_method_of_its_contracts_and_no_other(
    table: AccessTable, files: list[FileDescriptor]
) -> None:
    assert set(table) == methods(*files)
    assert len(table) > 5


def test_no_method_streams_requests_as_nothing_would_end_it_with_its_token() -> None:
    files = [
        *(file.DESCRIPTOR for file in HUB_FILES),
        *(file.DESCRIPTOR for file in REGISTER_FILES),
    ]
    for file in files:
        for service in file.services_by_name.values():
            assert not [each.name for each in service.methods if each.client_streaming]


def test_who_may_call_what_is_as_agreed() -> None:
    """The whole of it in one place, written by hand, so that a slip in a table is seen."""
    sees = Roles(frozenset({"asset-viewer", "asset-manager"}))
    works = Roles(frozenset({"asset-manager"}))
    anybody = Roles(frozenset({"asset-viewer", "asset-manager", "auditor", "integration-engineer"}))
    runs = Roles(frozenset({"asset-manager", "integration-engineer"}))
    provisions = Roles(frozenset({"device-provisioner"}), client="device-hub")
    assert dict(register.TABLE) == {
        **dict.fromkeys(methods(device_service_pb2.DESCRIPTOR), sees),
        f"{ALARMS}ListAlarms": sees,
        f"{ALARMS}GetAlarm": sees,
        f"{ALARMS}AcknowledgeAlarm": works,
        f"{ALARMS}AssignAlarm": works,
        f"{ALARMS}CommentAlarm": works,
        f"{ALARMS}SnoozeAlarm": works,
        f"{ALARMS}ResolveAlarm": works,
        f"{ALARMS}WatchAlarms": sees,
        f"{ALARMS}GetAlarmLoad": sees,
        **dict.fromkeys(methods(view_service_pb2.DESCRIPTOR), sees),
        f"{VIEWS}GetPreferences": anybody,
        f"{VIEWS}SetPreference": anybody,
        **dict.fromkeys(methods(note_service_pb2.DESCRIPTOR), works),
        f"{NOTES}ListNotes": sees,
        **dict.fromkeys(methods(job_service_pb2.DESCRIPTOR), works),
        f"{JOBS}GetJob": sees,
        f"{JOBS}ListJobs": sees,
        f"{JOBS}ListJobItems": sees,
        **dict.fromkeys(methods(import_service_pb2.DESCRIPTOR), works),
        f"{IMPORTS}GetImport": sees,
        f"{IMPORTS}ListImports": sees,
        f"{IMPORTS}ListImportRows": sees,
        **dict.fromkeys(methods(audit_service_pb2.DESCRIPTOR), Roles(frozenset({"auditor"}))),
        **dict.fromkeys(methods(provisioning_service_pb2.DESCRIPTOR), provisions),
        f"{STATUS}GetStatus": runs,
    }
    everyone = {"asset-viewer", "asset-manager", "auditor", "integration-engineer"}
    mends = Roles(frozenset({"integration-engineer"}))
    assert dict(hub.TABLE) == {
        f"{HUB}GetDevice": Roles(frozenset(everyone)),
        f"{HUB}GetDeviceHistory": Roles(frozenset({"auditor"})),
        f"{HUB}ListQuarantinedMessages": mends,
        f"{HUB}GetQuarantinedMessage": mends,
        f"{HUB}ReplayQuarantinedMessages": mends,
        f"{HUB}GetReplay": mends,
        f"{HUB}CountQuarantinedMessages": runs,
        f"{HUB}ListFeeds": runs,
        f"{HUB}RequestReading": mends,
        f"{HUB}GetReading": mends,
        f"{HUB}ClaimReadings": WithoutToken(),
        f"{HUB}CompleteReading": WithoutToken(),
        f"{HUB}RecordReports": WithoutToken(),
        f"{HUB}RecordShipments": WithoutToken(),
        f"{HUB}QuarantineMessages": WithoutToken(),
        f"{HUB}ClaimReplays": WithoutToken(),
        f"{HUB}ReadReplayBody": WithoutToken(),
        f"{HUB}CompleteReplays": WithoutToken(),
        f"{HUB}TellProgress": WithoutToken(),
        **dict.fromkeys(methods(identity_service_pb2.DESCRIPTOR), runs),
        f"{IDENTITIES}JoinDevices": works,
        f"{IDENTITIES}UndoJoin": works,
        **dict.fromkeys(methods(hub_audit_service_pb2.DESCRIPTOR), Roles(frozenset({"auditor"}))),
        f"{STATUS}GetStatus": runs,
    }


def test_every_role_of_the_tables_is_one_that_the_realm_has() -> None:
    known = {role["name"] for role in realm_template()["roles"]["realm"]}
    for table in (hub.TABLE, register.TABLE):
        for rule in table.values():
            if isinstance(rule, Roles):
                assert rule.any_of <= known


def test_the_audiences_are_those_for_which_the_realm_makes_tokens() -> None:
    mapped = {
        mapper["config"].get("included.custom.audience")
        for client in realm_template()["clients"]
        for mapper in client.get("protocolMappers", [])
    } - {None}
    assert mapped == {hub.AUDIENCE, register.AUDIENCE}
