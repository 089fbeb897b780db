"""A question of the page on its way to the router, and the answer on its way back as it comes."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
import structlog
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bff.session.refusals import PageRefused, away, not_logged_in
from bff.session.store import Session

log = structlog.get_logger()

_JSON = "application/json"
_EVENTS = "text/event-stream"
# What of the router's answer the page sees beside its body.
_PASSED_ON = ("content-type", "retry-after")
_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the page asks, and all that travels on of how it asks."""

    body: bytes
    accept: str
    traceparent: str


class Forwarding:
    """Asks the router, at most ``at_most`` questions and streams at once, so many streams of one session."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        router_url: str,
        at_most: int,
        streams_per_session: int,
        answer_limit_bytes: int,
    ) -> None:
        self._http = http
        self._router_url = router_url
        self._at_most = at_most
        self._streams_per_session = streams_per_session
        self._answer_limit_bytes = answer_limit_bytes
        self._under_way = 0

    async def ask(self, session: Session, access_token: str, question: Question) -> Response:
        """Return the router's answer: a whole one, or a stream of events.

        Raises:
            PageRefused: the router cannot be reached, or too many requests are under way already.
        """
        if self._under_way >= self._at_most:
            raise away("BUSY", "too many questions at once, try again")
        with ExitStack() as opened:
            self._under_way += 1
            opened.callback(self._one_less)
            try:
                answer = await self._http.post(
                    self._router_url,
                    data=question.body,
                    headers=_headers(question, access_token),
                    allow_redirects=False,
                )
                opened.callback(answer.close)
                if session.over:
                    raise not_logged_in("logged out meanwhile")
                if answer.content_type == _EVENTS:
                    self._hold(session, answer, opened)
                    return _Events(answer, opened.pop_all())
                whole = await self._whole(answer)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                log.warning("the router cannot be asked", why=f"{type(error).__name__}: {error}")
                raise away(
                    "ROUTER_UNAVAILABLE", "the router cannot be reached, try again"
                ) from None
            return Response(whole, status_code=answer.status, headers=_passed_on(answer))

    def _hold(self, session: Session, answer: aiohttp.ClientResponse, opened: ExitStack) -> None:
        if len(session.streams) >= self._streams_per_session:
            raise PageRefused(
                HTTPStatus.TOO_MANY_REQUESTS,
                "TOO_MANY_STREAMS",
                f"{self._streams_per_session} streams of this session are open already, end one of them",
            )
        session.streams.add(answer)
        opened.callback(session.streams.discard, answer)

    async def _whole(self, answer: aiohttp.ClientResponse) -> bytes:
        whole = bytearray()
        async for piece in answer.content.iter_chunked(_PIECE_BYTES):
            whole += piece
            if len(whole) > self._answer_limit_bytes:
                raise PageRefused(
                    HTTPStatus.BAD_GATEWAY,
                    "ANSWER_TOO_LARGE",
                    f"the answer is larger than {self._answer_limit_bytes:,} bytes: ask for less",
                )
        return bytes(whole)

    def _one_less(self) -> None:
        self._under_way -= 1


class _Events(StreamingResponse):
    """Passes on what comes when it comes, as fast as the page reads it; gives back what it holds however it ends."""

    def __init__(self, answer: aiohttp.ClientResponse, held: ExitStack) -> None:
        super().__init__(_pieces(answer), status_code=answer.status, headers=_passed_on(answer))
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            await super().__call__(scope, receive, send)


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncGenerator[bytes]:
    try:
        async for piece in answer.content.iter_any():
            yield piece
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        # The page asks again, from the position that it has; so it does when the session ended.
        log.info("a stream ended", why=f"{type(error).__name__}: {error}")


def _headers(question: Question, access_token: str) -> dict[str, str]:
    headers = {
        "Authorization": f"Bearer {access_token}",
        "Content-Type": _JSON,
        "Accept": question.accept,
        "Accept-Encoding": "identity",
    }
    if question.traceparent:
        headers["traceparent"] = question.traceparent
    return headers


def _passed_on(answer: aiohttp.ClientResponse) -> Mapping[str, str]:
    return {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
