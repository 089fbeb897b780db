"""Attacks without a token that hold connections: websockets that say nothing, requests that never end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp

from tests.abuse.attack import Case
from tests.abuse.graph_attacks import DOORS
from tests.abuse.target import ATTACKER, Target, told
from tests.attacks import websockets
from tests.attacks.half_requests import HALF_A_BODY, HALF_A_HEADER, NOTHING, half_requests

_QUESTION = "{ parkSummary { deviceCount } }"
_MOST_WEBSOCKETS = 1_000
_PATIENCE_SECONDS = 30


async def silent_websockets(target: Target) -> AsyncIterator[Case]:
    """Many websockets that begin without a token and say nothing more: a good user is served meanwhile."""
    count = min(target.size.connections, _MOST_WEBSOCKETS)
    url = f"{target.bff_url}/graphql"
    async with websockets.opened(url, count, from_address=ATTACKER) as sockets:
        for one in sockets:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                await one.send_json({"type": "connection_init"})
        yield await _good_user(target, f"beside {count} silent websockets")


async def odd_websocket_messages(target: Target) -> AsyncIterator[Case]:
    """Messages that are none: the socket is closed with a code of the protocol, and the log has no traceback."""
    url = f"{target.bff_url}/graphql"
    for name, (message, says) in websockets.WRONG_MESSAGES.items():
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                code, reason = await websockets.told(url, f"Bearer {target.viewer}", message)
        except (aiohttp.ClientError, TimeoutError, AssertionError) as error:
            yield Case(name, f"no answer: {type(error).__name__}: {error}")
            continue
        good = code == 4400 and says in reason
        yield Case(name, "" if good else f"closed with {code} {reason!r}")
    log = await asyncio.to_thread(target.stack.log("bff").read_text, errors="replace")
    yield Case("the log", "an exception in the log" if "Exception in ASGI" in log else "")


async def never_ending_requests(target: Target) -> AsyncIterator[Case]:
    """Many connections with nothing, half a header, half a body: a good user is served meanwhile."""
    for door in DOORS:
        for name, begin in (
            ("nothing", NOTHING),
            ("half a header", HALF_A_HEADER),
            ("half a body", HALF_A_BODY),
        ):
            async with half_requests(
                target.graph_url(door), begin, target.size.connections, from_address=ATTACKER
            ) as readers:
                yield await _good_user(target, f"{door}: beside {len(readers)} with {name}")


async def _good_user(target: Target, name: str) -> Case:
    for door in DOORS:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                answer = await target.asking(door, target.viewer).ask(_QUESTION)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return Case(name, f"the {door} does not answer: {type(error).__name__}: {error}")
        if answer.errors:
            return Case(name, f"the {door} answers {told(answer)}")
    return Case(name)
