"""``meterpark identities list|dismiss|assign``: whose a name is, where reports contradict."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import uuid4

from meterpark.device_hub.v1.identity_service_pb2 import (
    IdentityConflict,
    ListIdentityConflictsRequest,
    ResolveIdentityConflictRequest,
)
from rich.console import Group
from rich.text import Text

from meterpark_cli.failures import ExitCode
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.listing import answer_list, pages
from meterpark_cli.showing.rendering import (
    clock,
    console,
    note,
    now_here,
    show,
    value_style,
    when,
    words,
)


async def list_conflicts(asking: Asking, *, state: str, limit: int | None) -> ExitCode:
    """List conflicts, newest first; ``state`` is a word of IdentityConflict.State."""
    wanted = IdentityConflict.State.Value(f"STATE_{state}")
    async with open_park(asking) as park:
        first = ListIdentityConflictsRequest(state=wanted, page_size=1)
        counted = await park.identities.ask(park.identities.calls.ListIdentityConflicts, first)
        await answer_list(
            pages(partial(_page, park, wanted), limit=limit),
            partial(conflict_table, now_here()),
            name="conflicts",
            as_json=asking.as_json,
            total_count=counted.open_count,
        )
    if not asking.as_json:
        note(f"{counted.open_count:,} open in all")
    return ExitCode.FINE


async def decide(asking: Asking, conflict_id: str, *, device_id: str, reason: str) -> ExitCode:
    """Close a conflict: dismissed, or its identifier given to ``device_id``."""
    request = ResolveIdentityConflictRequest(
        conflict_id=conflict_id,
        assigned_device_id=device_id,
        reason=reason,
        request_id=str(uuid4()),
    )
    async with open_park(asking) as park:
        answer = await park.identities.ask(park.identities.calls.ResolveIdentityConflict, request)
    if asking.as_json:
        print_document(document_of(answer.conflict))
    else:
        show(console(), conflict_table(now_here(), [answer.conflict], width=0, header=False))
    return ExitCode.FINE


async def _page(
    park: Park, state: IdentityConflict.State.ValueType, size: int, token: str
) -> tuple[Sequence[IdentityConflict], str]:
    request = ListIdentityConflictsRequest(state=state, page_size=size, page_token=token)
    answer = await park.identities.ask(park.identities.calls.ListIdentityConflicts, request)
    return answer.conflicts, answer.next_page_token


def conflict_table(
    now: datetime, rows: Sequence[IdentityConflict], *, width: int, header: bool
) -> Group:
    """Return two lines per conflict: its id to copy, state and time; below, what contradicts."""
    del width, header  # a block of lines per conflict, not columns
    parts = []
    for conflict in rows:
        state = IdentityConflict.State.Name(conflict.state).removeprefix("STATE_")
        head = words(conflict.conflict_id, "cyan")
        head.append(f"  {clock(when(conflict.noticed_time, now), now)}", style="bright_black")
        head.append_text(Text("  ") + words(state, value_style(state)))
        if conflict.decided_by:
            decided = f"by {conflict.decided_by}: {conflict.reason}"
            head.append_text(Text("  ") + words(decided, "bright_black"))
        parts += [head, Text("    ") + words(told(conflict))]
    return Group(*parts)


def told(conflict: IdentityConflict) -> str:
    """Return in a sentence what contradicts."""
    kind = conflict.scheme.removeprefix("name/").replace("_", " ") or "name"
    named = f"{kind} {conflict.value}"
    match conflict.kind:
        case IdentityConflict.Kind.KIND_CLAIMED_BY_ANOTHER:
            return f"{named} of {conflict.device_id} belongs to {conflict.other_device_id}"
        case IdentityConflict.Kind.KIND_SECOND_VALUE:
            return (
                f"{named} is a second one of {conflict.device_id}, which has {conflict.other_value}"
            )
        case IdentityConflict.Kind.KIND_LOOK_ALIKE:
            other = f"{conflict.other_value} of {conflict.other_device_id}"
            return f"{named} of {conflict.device_id} looks like {other}"
        case IdentityConflict.Kind.KIND_WEAK_NAME_SHARED:
            return f"{named} of {conflict.other_device_id} is also said of {conflict.device_id}"
        case IdentityConflict.Kind.KIND_PLACED_BY_WEAK_NAME:
            known_by = f"{conflict.device_id}, known by {conflict.other_value}"
            return f"{named} is said of {known_by}, and is no name of it"
        case IdentityConflict.Kind.KIND_NIL_VALUE:
            return f"{named} names no device; it is used for {conflict.device_id} and maybe others"
        case _:
            return f"{named} of {conflict.device_id} and {conflict.other_device_id}"
