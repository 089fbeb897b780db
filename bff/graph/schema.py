"""The schema, put together."""

from typing import Final

import strawberry
from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)
from strawberry.federation.schema import FederationAny
from strawberry.types import ExecutionContext, Info

from bff.failures import argument_invalid
from bff.graph.alarms.alarm import alarm, alarm_counts, alarms
from bff.graph.alarms.changes import (
    acknowledge_alarm,
    assign_alarm,
    comment_alarm,
    resolve_alarm,
    snooze_alarm,
)
from bff.graph.alarms.load import alarm_load
from bff.graph.asking.pages import LONGEST_PAGE
from bff.graph.audit.deeds import deeds
from bff.graph.audit.journal import device_history, raw_report
from bff.graph.counts.counts import device_counts, park_summary
from bff.graph.counts.days import communication_quality, rollout
from bff.graph.devices.device import device_of
from bff.graph.devices.notes import create_note, delete_note
from bff.graph.devices.places import place_clusters
from bff.graph.devices.queries import device, devices
from bff.graph.imports.changes import (
    append_shipment_import_chunk,
    cancel_shipment_import,
    check_shipment_import,
    create_shipment_import,
    pause_shipment_import,
    resume_shipment_import,
    run_shipment_import,
)
from bff.graph.imports.shipment_import import shipment_import, shipment_imports
from bff.graph.intake.feeds import feeds
from bff.graph.intake.quarantine import (
    quarantine_reasons,
    quarantined_message,
    quarantined_messages,
)
from bff.graph.intake.reading import message_reading, request_message_reading
from bff.graph.intake.replay import quarantine_replay, replay_quarantined_messages
from bff.graph.jobs.changes import cancel_job, create_alarm_job, create_job, pause_job, resume_job
from bff.graph.jobs.job import alarm_job_preview, job, job_preview, jobs
from bff.graph.limits.documents import Documents, Limits
from bff.graph.limits.shape import USUAL_LIST, FieldCosts, FieldOf
from bff.graph.preferences import preferences, set_preference
from bff.graph.root_fields import (
    ANYBODY,
    AUDITING,
    MANAGING,
    MENDING,
    RUNNING,
    VIEWING,
    mutation,
    query,
    subscription,
)
from bff.graph.strawberry_hooks import core_of
from bff.graph.subscriptions import alarm_changed, device_changed, park_summary_changed
from bff.graph.transport.operation import Heard, Operation, unheard
from bff.graph.viewer import viewer
from bff.graph.views import create_view, delete_view, update_view, views
from bff.trusted import TrustedDocuments
from service_traces.traces import OFF, Traces

# The composer of the router's supergraph knows no later one.
FEDERATION: Final = "2.9"


_KEYS: Final = {"Device": "deviceId", "Alarm": "alarmId"}
_KEYS_TOLD: Final = ", ".join(f"{name}.{key}" for name, key in _KEYS.items())
# Devices are read together; alarms one by one, as no other subgraph refers to them yet.
_MOST_KEYS: Final = 100
# Fields of types that ask the register for themselves; every list in pages does, too.
_ASKING: Final = {("Device", "at"), ("Alarm", "history"), ("QuarantinedMessage", "text")}
# They ask register and hub.
_ASKING_BOTH: Final = {("Query", "deeds"): 2}
# Lists without pages that may be long: how many objects they hold on a full map.
_LONG: Final = {
    ("PlaceClusters", "clusters"): 1_000,
    ("PlaceClusters", "areas"): 100,
    ("PlaceClusters", "devices"): 200,
}
# Root fields that do not, and fields that load many at once (loaders).
_NOT_ASKING: Final = {"viewer", "device", "_entities", "_service"}


@strawberry.type
class Query:
    viewer = query(viewer)
    device = query(device)
    devices = query(devices)
    device_counts = query(device_counts)
    place_clusters = query(place_clusters)
    park_summary = query(park_summary)
    rollout = query(rollout)
    communication_quality = query(communication_quality)
    alarm = query(alarm)
    alarms = query(alarms)
    alarm_counts = query(alarm_counts)
    alarm_load = query(alarm_load)
    job = query(job)
    jobs = query(jobs)
    job_preview = query(job_preview, MANAGING)
    alarm_job_preview = query(alarm_job_preview, MANAGING)
    views = query(views)
    preferences = query(preferences)
    shipment_import = query(shipment_import)
    shipment_imports = query(shipment_imports)
    quarantined_message = query(quarantined_message, MENDING)
    quarantined_messages = query(quarantined_messages, MENDING)
    quarantine_reasons = query(quarantine_reasons, RUNNING)
    quarantine_replay = query(quarantine_replay, MENDING)
    feeds = query(feeds, RUNNING)
    deeds = query(deeds, AUDITING)
    message_reading = query(message_reading, MENDING)
    device_history = query(device_history, AUDITING)
    raw_report = query(raw_report, AUDITING)


@strawberry.type
class Mutation:
    acknowledge_alarm = mutation(acknowledge_alarm)
    assign_alarm = mutation(assign_alarm)
    comment_alarm = mutation(comment_alarm)
    snooze_alarm = mutation(snooze_alarm)
    resolve_alarm = mutation(resolve_alarm)
    create_job = mutation(create_job)
    create_alarm_job = mutation(create_alarm_job)
    pause_job = mutation(pause_job)
    resume_job = mutation(resume_job)
    cancel_job = mutation(cancel_job)
    create_note = mutation(create_note)
    delete_note = mutation(delete_note)
    create_view = mutation(create_view, VIEWING)
    update_view = mutation(update_view, VIEWING)
    delete_view = mutation(delete_view, VIEWING)
    set_preference = mutation(set_preference, ANYBODY)
    create_shipment_import = mutation(create_shipment_import)
    append_shipment_import_chunk = mutation(append_shipment_import_chunk)
    check_shipment_import = mutation(check_shipment_import)
    run_shipment_import = mutation(run_shipment_import)
    pause_shipment_import = mutation(pause_shipment_import)
    resume_shipment_import = mutation(resume_shipment_import)
    cancel_shipment_import = mutation(cancel_shipment_import)
    replay_quarantined_messages = mutation(replay_quarantined_messages, MENDING)
    request_message_reading = mutation(request_message_reading, MENDING)


@strawberry.type
class Subscription:
    device_changed = subscription(device_changed)
    alarm_changed = subscription(alarm_changed)
    park_summary_changed = subscription(park_summary_changed)


class Schema(strawberry.federation.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave it to `operation`: it knows which errors are for the log."""

    def entities_resolver(
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Resolve entities that the router knows by key; raise Failure for a malformed key."""
        if len(representations) > _MOST_KEYS:
            raise argument_invalid("representations", f"at most {_MOST_KEYS} at once")
        for place, shown in enumerate(representations):
            named = shown if isinstance(shown, dict) else {}
            key = _KEYS.get(named.get("__typename", ""), "")
            if not isinstance(named.get(key), str) or len(named) != len(("__typename", key)):
                raise argument_invalid(
                    f"representations[{place}]", "needs __typename and its key: " + _KEYS_TOLD
                )
        return super().entities_resolver(info, representations)


def make_schema(
    limits: Limits, trusted: TrustedDocuments, heard: Heard = unheard, traces: Traces = OFF
) -> Schema:
    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        federation_version=FEDERATION,
        extensions=[lambda: Operation(documents, trusted, device_of, heard, traces)],
    )
    core = core_of(schema)
    documents = Documents(core, costs_of(core), limits)
    return schema


def costs_of(schema: GraphQLSchema) -> FieldCosts:
    """Read from the schema what its fields may cost."""
    types: dict[FieldOf, str] = {}
    pages: dict[FieldOf, int] = {}
    lists: dict[FieldOf, int] = {}
    roots = {
        kind: root.name
        for kind in OperationType
        if (root := schema.get_root_type(kind)) is not None
    }
    for named in schema.type_map.values():
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for name, field in named.fields.items():
            this = named.name, name
            types[this] = get_named_type(field.type).name
            if "first" in field.args:
                pages[this] = field.args["first"].default_value
            # Edges are as many as their page, which counts already.
            elif name != "edges" and _is_list_of_objects(field.type):
                lists[this] = _LONG.get(this, USUAL_LIST)
    asking = {this for this in types if this[0] in roots.values() and this[1] not in _NOT_ASKING}
    return FieldCosts(
        roots=roots,
        types=types,
        pages=pages,
        lists=lists,
        calling={**dict.fromkeys({*pages, *asking, *_ASKING}, 1), **_ASKING_BOTH},
        longest_page=LONGEST_PAGE,
    )


def _is_list_of_objects(kind: GraphQLOutputType) -> bool:
    listed = get_nullable_type(kind)
    return isinstance(listed, GraphQLList) and is_composite_type(get_named_type(listed))
