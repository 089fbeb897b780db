"""The hub's spans: one for each batch, insert and delivery, with links to the messages' contexts."""

from typing import Final

from service_traces.calls import CALL
from service_traces.declared import Kind, SpanOf

TURNS: Final = SpanOf(
    name="take turns",
    kind=Kind.INTERNAL,
    meaning="The turns of a batch: its devices are found, decide, and wait until their commits are stored.",
    attributes={"meterpark.reports": "how many reports the batch has"},
)
INSERT: Final = SpanOf(
    name="insert commits",
    kind=Kind.CLIENT,
    meaning="Commits of many devices, from the insert until a majority has them on disk.",
    fixed={
        "db.system.name": "mongodb",
        "db.collection.name": "commits",
        "db.operation.name": "insert",
    },
    attributes={
        "db.operation.batch.size": "how many commits",
        "error.type": "the kind of the database's trouble",
    },
)
DELIVER: Final = SpanOf(
    name="follow commits",
    kind=Kind.CONSUMER,
    meaning="Commits that the follower read together, until the register holds them and the heads are moved.",
    attributes={"meterpark.commits": "how many commits"},
)
PROVISION: Final = SpanOf(
    name="meterpark.smoc.v1.ProvisioningService/ProvisionDevices",
    kind=Kind.CLIENT,
    meaning="One request to the register, with all its attempts.",
    fixed={
        "rpc.system.name": "grpc",
        "rpc.method": "meterpark.smoc.v1.ProvisioningService/ProvisionDevices",
    },
    attributes={"meterpark.devices": "how many devices"},
)
SPANS: Final = (TURNS, INSERT, DELIVER, PROVISION, CALL)
