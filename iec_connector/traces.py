"""The connector's spans: one for each message, one for each batch of reports."""

from typing import Final

from service_traces.declared import Kind, SpanOf

MESSAGE: Final = SpanOf(
    name="process {}",
    kind=Kind.CONSUMER,
    meaning="A message, from its receipt until it was settled. It belongs to the trace that its property `traceparent` "
    "says, else it begins one.",
    fixed={
        "messaging.system": "activemq",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
    },
    attributes={
        "messaging.destination.name": "the queue or topic",
        "messaging.message.id": "the broker's id of the message",
        "error.type": "why it, or a part of it, lies in the quarantine",
    },
)
SEND: Final = SpanOf(
    name="meterpark.device_hub.v1.DeviceHubService/RecordReports",
    kind=Kind.CLIENT,
    meaning="A batch of reports, from the call to the hub until its answer.",
    fixed={
        "rpc.system.name": "grpc",
        "rpc.method": "meterpark.device_hub.v1.DeviceHubService/RecordReports",
    },
    attributes={"meterpark.reports": "how many reports it has"},
)
SPANS: Final = (MESSAGE, SEND)
