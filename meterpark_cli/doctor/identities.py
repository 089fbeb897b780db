"""Conflicts about names of devices that need a decision: contradictions, and look-alikes."""

from meterpark.device_hub.v1.identity_service_pb2 import (
    IdentityConflict,
    ListIdentityConflictsRequest,
)

from meterpark_cli.doctor.check import Check
from meterpark_cli.doctor.hops import iso
from meterpark_cli.doctor.park import no_answer
from meterpark_cli.failures import Denied, Failure
from meterpark_cli.identities.conflicts import told
from meterpark_cli.services.connection import Park
from meterpark_cli.showing.rendering import now_here, when

_NAME = "identities"


async def identities(park: Park) -> Check:
    """Return the number of undecided conflicts, and the newest of them."""
    request = ListIdentityConflictsRequest(state=IdentityConflict.State.STATE_OPEN, page_size=1)
    try:
        answer = await park.identities.ask(park.identities.calls.ListIdentityConflicts, request)
    except Denied as denied:
        return Check(name=_NAME, state="not checked", finding=str(denied))
    except Failure as failure:
        return no_answer(_NAME, failure)
    if not answer.open_count or not answer.conflicts:
        return Check(name=_NAME, state="fine", finding="no names contradict each other")
    newest = answer.conflicts[0]
    noticed_at = when(newest.noticed_time, now_here())
    return Check(
        name=_NAME,
        state="wrong",
        finding=f"{answer.open_count:,} conflicts need a decision, the newest: {told(newest)}",
        remedy="meterpark identities list, then dismiss or assign each",
        since=iso(noticed_at) if noticed_at else "",
    )
