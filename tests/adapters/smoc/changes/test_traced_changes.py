"""A change whose trace is recorded: stored in its trace, and shown to watchers in it."""

from meterpark.smoc.v1.provisioning_service_pb2 import ProvisionDevicesRequest

from service_traces.context import sampled
from tests.neighbours.smoc.running import running
from tests.specs.smoc.messages import device, entry, provision
from tests.specs.traces.recorded import (
    CALLER,
    OTHER,
    UNRECORDED,
    Recorded,
    linked,
    parent_of,
)

PROVISION = "meterpark.smoc.v1.ProvisioningService/ProvisionDevices"


async def test_a_change_is_stored_and_shown_in_its_trace_and_the_next_one_is_not(
    mongod_url: str,
) -> None:
    seen = Recorded(part=0.0)
    async with running(mongod_url, traces=seen.traces) as smoc:
        watched = smoc.watch()
        await watched.read()
        first = provision(device("north/1", 1), [])
        first.traceparent = CALLER
        second = provision(device("north/2", 1), [])
        second.traceparent = UNRECORDED
        third = provision(device("north/3", 1), [])
        third.traceparent = "nonsense"
        await smoc.provision(first, second, third)
        await smoc.provision(provision(device("north/1", 2), []))
        told: list[tuple[str, int, str]] = []
        while len(told) < 4:
            answer = await watched.read()
            if answer.HasField("device"):
                told.append((answer.device.device_id, answer.device.revision, answer.traceparent))
        stored = await smoc.database["devices"].find_one({"_id": "north/1"})
        watched.cancel()
    assert [bool(context) for _, _, context in told] == [True, False, False, False]
    assert told[0][:2] == ("north/1", 1)
    assert sampled(told[0][2])
    assert stored is not None
    assert "traceparent" not in stored
    names = {span.name: span for span in seen.spans}
    assert names.keys() == {"store devices", "show device"}
    assert linked(names["store devices"]) == ["b" * 16]
    assert parent_of(names["show device"]) == "b" * 16
    assert (names["store devices"].attributes or {})["db.operation.batch.size"] == 3


async def test_a_call_is_a_span_of_its_callers_trace_and_what_it_does_is_within_it(
    mongod_url: str,
) -> None:
    seen = Recorded(part=1.0)
    async with running(mongod_url, traces=seen.traces) as smoc:
        one = provision(device("north/1", 1), [entry(1)])
        one.traceparent = OTHER
        request = ProvisionDevicesRequest(provisions=[one])
        await smoc.provisioning.ProvisionDevices(
            request, metadata=(*smoc.provisioning._metadata, ("traceparent", CALLER))
        )
        # Nobody records it: the sampler is asked where a trace begins, which is at a message or an operation.
        await smoc.device("north/1")
    names = {span.name: span for span in seen.spans}
    assert names.keys() == {PROVISION, "store devices"}
    call, stored = names[PROVISION], names["store devices"]
    assert parent_of(call) == "b" * 16
    assert call.context is not None
    assert parent_of(stored) == f"{call.context.span_id:016x}"
    assert linked(stored) == ["d" * 16]
    assert dict(call.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": PROVISION,
        "rpc.response.status_code": "OK",
    }
