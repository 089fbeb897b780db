"""Making one call of the matrix, for real, and naming what came back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import grpc
import grpc.aio
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from yarl import URL

from service_chassis.refusals import reason_of
from tests.denied.cases import GRPC, Case, Way
from tests.denied.requests import REQUESTS
from tests.denied.table import APPS, HUB, REGISTER, UNKNOWN_KEY, Answer
from tests.neighbours.stack import RunningStack

_TIMEOUT_SECONDS = 20
_AT_ONCE = 24
# Whose key nobody has is answered when the issuer was asked anew, seconds later: such calls wait beside the others.
_WAITING_AT_ONCE = 64
_TRIES = 5
_DENIALS = {
    ErrorReason.ERROR_REASON_UNAUTHENTICATED: Answer.NOT_AUTHENTICATED,
    ErrorReason.ERROR_REASON_TOKEN_EXPIRED: Answer.EXPIRED,
    ErrorReason.ERROR_REASON_ROLE_MISSING: Answer.ROLE,
    ErrorReason.ERROR_REASON_NETWORK_DENIED: Answer.NETWORK,
    ErrorReason.ERROR_REASON_SIDECAR_BYPASSED: Answer.PAST_THE_SIDECAR,
}
# A process that is busy or away has said nothing about the call.
_NO_ANSWER = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    case: Case
    answer: Answer
    # What was said, word for word; for the person who has to find out why.
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Every way into the stack; `tokens` by name of their kind, None: no header at all."""

    channels: Mapping[tuple[Way, str], grpc.aio.Channel]
    http: aiohttp.ClientSession
    http_ports: Mapping[str, int]
    sidecar_tokens: Mapping[str, str]
    tokens: Mapping[str, str | None]
    at_once: asyncio.Semaphore
    waiting: asyncio.Semaphore

    async def call(self, case: Case) -> Outcome:
        """Make the call; where nobody answered, again a few times."""
        outcome = Outcome(case=case, answer=Answer.NONE, said="never called")
        async with self.waiting if case.token is UNKNOWN_KEY else self.at_once:
            for attempt in range(_TRIES):
                outcome = await (self._grpc(case) if case.verb == GRPC else self._http(case))
                if outcome.answer is not Answer.NONE:
                    break
                await asyncio.sleep(0.2 * 2**attempt)
        return outcome

    async def _grpc(self, case: Case) -> Outcome:
        door = case.callee if case.way is Way.STRAIGHT else case.app
        channel = self.channels[case.way, door]
        method: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(case.path)
        call = method(
            REQUESTS[case.method], metadata=self._metadata(case), timeout=_TIMEOUT_SECONDS
        )
        try:
            # The first answer of a stream is enough, and is all there is of the others.
            first = await call.read()
        except grpc.aio.AioRpcError as error:
            return Outcome(
                case=case, answer=_named(error), said=f"{error.code()}: {error.details()}"
            )
        except grpc.aio.UsageError as error:
            return Outcome(case=case, answer=Answer.REFUSED, said=f"gRPC itself: {error}")
        if first is grpc.aio.EOF:
            code, details = await call.code(), await call.details()
            answered = Answer.RAN if code is grpc.StatusCode.OK else Answer.NONE
            return Outcome(case=case, answer=answered, said=f"{code}: {details}")
        call.cancel()
        return Outcome(case=case, answer=Answer.RAN, said="OK")

    def _metadata(self, case: Case) -> list[tuple[str, str]]:
        metadata = []
        if case.way is not Way.STRAIGHT:
            metadata.append(("dapr-app-id", case.callee))
            if case.method.streams:
                metadata.append(("dapr-stream", "true"))
        if case.way is Way.SIDECAR:
            metadata.append(("dapr-api-token", self.sidecar_tokens[case.app]))
        token = self.tokens[case.token.name]
        if token is not None:
            metadata.append(("authorization", token))
        return metadata

    async def _http(self, case: Case) -> Outcome:
        url = f"http://127.0.0.1:{self.http_ports[case.app]}/v1.0/invoke/{case.callee}/method{case.path}"
        headers = {"dapr-api-token": self.sidecar_tokens[case.app]}
        token = self.tokens[case.token.name]
        if token is not None:
            headers["authorization"] = token
        try:
            async with self.http.request(
                case.verb, URL(url, encoded=True), headers=headers, data=REQUESTS[case.method]
            ) as response:
                said = f"HTTP {response.status}: {(await response.text(errors='replace'))[:200]}"
                answer = Answer.RAN if response.ok else Answer.REFUSED
        except (aiohttp.ClientError, TimeoutError) as error:
            return Outcome(case=case, answer=Answer.NONE, said=repr(error))
        return Outcome(case=case, answer=answer, said=said)


@asynccontextmanager
async def open_doors(stack: RunningStack, tokens: Mapping[str, str | None]) -> AsyncIterator[Doors]:
    sidecars = stack.description["sidecars"]
    async with AsyncExitStack() as opened:
        channels: dict[tuple[Way, str], grpc.aio.Channel] = {}
        for app in APPS:
            channel = await opened.enter_async_context(
                grpc.aio.insecure_channel(stack.sidecar_address(app))
            )
            channels[Way.SIDECAR, app] = channels[Way.SIDECAR_AS_STRANGER, app] = channel
        for app in (HUB, REGISTER):
            channels[Way.STRAIGHT, app] = await opened.enter_async_context(
                grpc.aio.insecure_channel(stack.app_address(app))
            )
        http = await opened.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS))
        )
        yield Doors(
            channels=channels,
            http=http,
            http_ports={app: sidecars[app]["http"] for app in APPS},
            sidecar_tokens={
                app: dict(stack.sidecar_metadata(app))["dapr-api-token"] for app in APPS
            },
            tokens=tokens,
            at_once=asyncio.Semaphore(_AT_ONCE),
            waiting=asyncio.Semaphore(_WAITING_AT_ONCE),
        )


def _named(error: grpc.aio.AioRpcError) -> Answer:
    code, text = error.code(), error.details() or ""
    reason = reason_of(error)
    if reason is not None:
        # Any other reason is the method's own word about its request.
        return _DENIALS.get(reason, Answer.RAN)
    # The second is daprd's word while the callee's sidecar has not registered, or is late to renew that.
    if code in _NO_ANSWER or (code is grpc.StatusCode.UNKNOWN and "no host found" in text):
        return Answer.NONE
    if code is grpc.StatusCode.PERMISSION_DENIED and "access control policy" in text:
        return Answer.POLICY
    if code is grpc.StatusCode.UNAUTHENTICATED and text == "Unauthorized":
        return Answer.STRANGER
    return Answer.REFUSED
