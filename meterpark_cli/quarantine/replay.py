"""``meterpark quarantine replay``: have messages read again after a fix, and see what became of each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from uuid import uuid4

from meterpark.device_hub.v1.quarantine_pb2 import (
    QuarantinedMessage,
    QuarantineState,
    ReplayQuarantinedMessagesRequest,
)

from meterpark_cli.failures import ExitCode
from meterpark_cli.options import Asking
from meterpark_cli.quarantine.messages import get_quarantined, quarantine_page
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.listing import pages
from meterpark_cli.showing.rendering import console, show, value_style, words

_LOOK_AGAIN_SECONDS = 0.3

OPEN = QuarantineState.QUARANTINE_STATE_OPEN
REQUESTED = QuarantineState.QUARANTINE_STATE_REPLAY_REQUESTED
RESOLVED = QuarantineState.QUARANTINE_STATE_RESOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """The result for one message: RESOLVED, STILL_FAILING, NOT_REPLAYABLE or PENDING (not read yet)."""

    quarantine_id: str
    outcome: str
    reason: str = ""
    detail: str = ""
    place: str = ""


async def replay(
    asking: Asking, quarantine_ids: Sequence[str], *, reason: str, wait_seconds: float
) -> ExitCode:
    """Replay the messages named, or all open ones (of a ``reason``) when none is named; 0 seconds: do not wait.

    Answers ANSWER_IS_NO when at least one message is not resolved at the end of the wait.
    """
    request = ReplayQuarantinedMessagesRequest(
        quarantine_ids=quarantine_ids,
        all_open=not quarantine_ids,
        reason=reason,
        replay_id=str(uuid4()),
    )
    became: list[Became] = []
    target = console()
    async with open_park(asking) as park:
        watched = list(dict.fromkeys(quarantine_ids))
        if not watched and wait_seconds:
            watched = await _ids_of(park, OPEN, reason)
        answer = await park.hub.ask(park.hub.calls.ReplayQuarantinedMessages, request)
        if not asking.as_json:
            show(target, words(f"{answer.requested_count:,} will be read again"))
        if wait_seconds:
            async for one in _watch(park, watched, wait_seconds):
                became.append(one)
                if not asking.as_json:
                    _tell(one)
    if asking.as_json:
        print_document(
            {
                "requested_count": answer.requested_count,
                "not_replayable_count": answer.not_replayable_count,
                "messages": [asdict(one) for one in became],
            }
        )
    failing = [one for one in became if one.outcome != "RESOLVED"]
    if not asking.as_json and wait_seconds:
        show(target, words(f"{len(became) - len(failing):,} resolved, {len(failing):,} not"))
    return ExitCode.ANSWER_IS_NO if failing or answer.not_replayable_count else ExitCode.FINE


async def _ids_of(park: Park, state: QuarantineState.ValueType, reason: str = "") -> list[str]:
    found = pages(partial(quarantine_page, park, state, reason), limit=None)
    return [message.quarantine_id async for messages, _ in found for message in messages]


async def _watch(
    park: Park, quarantine_ids: Sequence[str], wait_seconds: float
) -> AsyncIterator[Became]:
    """Yield the result of each message as soon as it is known; those that were not read in time come last."""
    waiting = dict.fromkeys(quarantine_ids)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    while waiting:
        # The list is short and without bodies; only a message that left it is read, once.
        requested = set(await _ids_of(park, REQUESTED))
        for quarantine_id in [known for known in waiting if known not in requested]:
            message = await get_quarantined(park, quarantine_id)
            if message.state != REQUESTED:
                del waiting[quarantine_id]
                yield _became(message)
        if waiting and loop.time() >= deadline:
            break
        if waiting:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    for quarantine_id in waiting:
        yield Became(
            quarantine_id=quarantine_id,
            outcome="PENDING",
            detail=f"it was not read within {wait_seconds:g} s: check that iec-connector runs",
        )


def _became(message: QuarantinedMessage) -> Became:
    if message.state == RESOLVED:
        return Became(quarantine_id=message.quarantine_id, outcome="RESOLVED")
    return Became(
        quarantine_id=message.quarantine_id,
        outcome="NOT_REPLAYABLE" if message.truncated else "STILL_FAILING",
        reason=message.reason,
        detail=message.detail,
        place=message.place,
    )


def _tell(one: Became) -> None:
    line = words(one.quarantine_id, "cyan")
    line.append_text(words(f"  {one.outcome.lower().replace('_', ' ')}", value_style(one.outcome)))
    why = ": ".join(part for part in (one.reason, one.place, one.detail) if part)
    show(console(), line + words(f"  {why}" if why else "", "not bold"))
