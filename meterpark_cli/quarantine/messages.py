"""``meterpark quarantine list|show``: messages that could not be read, why, and as they came."""

import sys
from collections.abc import Sequence
from functools import partial

from meterpark.device_hub.v1.quarantine_pb2 import (
    GetQuarantinedMessageRequest,
    ListQuarantinedMessagesRequest,
    QuarantinedMessage,
    QuarantineState,
)

from meterpark_cli.failures import ExitCode
from meterpark_cli.options import Asking
from meterpark_cli.quarantine.tables import message_page, quarantine_table, text_of_body
from meterpark_cli.services.connection import Park, open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.listing import answer_list, pages
from meterpark_cli.showing.rendering import console, note, now_here, show


async def list_quarantine(
    asking: Asking, *, state: str, reason: str, limit: int | None
) -> ExitCode:
    """List quarantined messages, newest first; ``state`` is a word of QuarantineState, or "" for all."""
    wanted = QuarantineState.Value(f"QUARANTINE_STATE_{state or 'UNSPECIFIED'}")
    first = ListQuarantinedMessagesRequest(state=wanted, reason=reason, page_size=1)
    async with open_park(asking) as park:
        counted = await park.hub.ask(park.hub.calls.ListQuarantinedMessages, first)
        total, at_least = counted.total_count, counted.total_count_is_minimum
        found = pages(partial(quarantine_page, park, wanted, reason), limit=limit)
        draw, as_json = partial(quarantine_table, now_here()), asking.as_json
        await answer_list(
            found,
            draw,
            name="messages",
            as_json=as_json,
            total_count=total,
            total_count_is_minimum=at_least,
        )
    if not as_json and total:
        fitting = " ".join(word for word in (state.lower().replace("_", " "), reason) if word)
        more = "more than " if at_least else ""
        note(f"{more}{total:,} {fitting} in all".replace("  ", " "))
    return ExitCode.FINE


async def quarantine_page(
    park: Park, state: QuarantineState.ValueType, reason: str, size: int, token: str
) -> tuple[Sequence[QuarantinedMessage], str]:
    request = ListQuarantinedMessagesRequest(
        state=state, reason=reason, page_size=size, page_token=token
    )
    answer = await park.hub.ask(park.hub.calls.ListQuarantinedMessages, request)
    return answer.messages, answer.next_page_token


async def get_quarantined(
    park: Park, quarantine_id: str, *, body_offset: int = 0
) -> QuarantinedMessage:
    request = GetQuarantinedMessageRequest(quarantine_id=quarantine_id, body_offset=body_offset)
    return (await park.hub.ask(park.hub.calls.GetQuarantinedMessage, request)).message


async def show_quarantined(asking: Asking, quarantine_id: str, *, raw: bool) -> ExitCode:
    """Show why a message is here and its body, of a large one the beginning; ``raw``: only the body, byte for byte."""
    async with open_park(asking) as park:
        message = await get_quarantined(park, quarantine_id)
        if raw:
            await _write_body(park, message)
            return ExitCode.FINE
    if asking.as_json:
        print_document({**document_of(message), "body_text": text_of_body(message)})
    else:
        show(console(), message_page(message, now_here()))
    return ExitCode.FINE


async def _write_body(park: Park, message: QuarantinedMessage) -> None:
    """Write the whole body, a piece at a time as the hub answers it."""
    written, piece = 0, message.body
    while piece:
        sys.stdout.buffer.write(piece)
        written += len(piece)
        if written >= message.kept_size_bytes:
            break
        piece = (await get_quarantined(park, message.quarantine_id, body_offset=written)).body
    sys.stdout.buffer.flush()
