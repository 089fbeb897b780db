"""The register's spans: what is stored together, and what is shown to a watcher."""

from typing import Final

from service_traces.calls import CALL
from service_traces.declared import Kind, SpanOf

STORE: Final = SpanOf(
    name="store devices",
    kind=Kind.CLIENT,
    meaning="Devices and their entries, until a majority of the register's database has them.",
    fixed={"db.system.name": "mongodb", "db.collection.name": "devices"},
    attributes={"db.operation.batch.size": "how many devices"},
)
SHOW: Final = SpanOf(
    name="show device",
    kind=Kind.PRODUCER,
    meaning="A changed device for one watcher, until its stream took it.",
)
SPANS: Final = (STORE, SHOW, CALL)
