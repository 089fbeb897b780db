"""Facts as messages of the contract."""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.status.v1 import status_pb2

from service_status.hop import HopFacts


def timestamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def hops_to_wire(hops: Iterable[HopFacts]) -> list[status_pb2.Hop]:
    return [_hop(facts) for facts in hops]


def _hop(facts: HopFacts) -> status_pb2.Hop:
    hop = status_pb2.Hop(
        name=facts.name,
        peer=facts.peer,
        waiting_count=facts.waiting_count,
        done_count=facts.done_count,
        detail=facts.detail,
        destinations=facts.destinations,
        waits_for_person=facts.waits_for_person,
        denials=[
            status_pb2.Denial(
                peer=denied.peer,
                method=denied.method,
                since_time=timestamp(denied.since),
                remedy=denied.remedy,
            )
            for denied in facts.denials
        ],
    )
    if facts.waiting_since is not None:
        hop.waiting_since_time.CopyFrom(timestamp(facts.waiting_since))
    if facts.last_done_at is not None:
        hop.last_done_time.CopyFrom(timestamp(facts.last_done_at))
    if facts.trouble is not None:
        hop.trouble.since_time.CopyFrom(timestamp(facts.trouble.since))
        hop.trouble.last_time.CopyFrom(timestamp(facts.trouble.last))
        hop.trouble.count = facts.trouble.count
        hop.trouble.detail = facts.trouble.detail
        hop.trouble.remedy = facts.trouble.remedy
    return hop
