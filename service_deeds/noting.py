"""Notes every call that changes something: before it is done, and how it ended. It stands behind the lock.

When a deed cannot be stored, it is not done: the caller is told to try again. When its end cannot be stored, it stays
ASKED, which says that nobody knows; the change itself is not taken back for that.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import grpc
import grpc.aio
import structlog
from pymongo.errors import PyMongoError

from service_chassis.audit import told_reason
from service_chassis.caller import current_caller
from service_chassis.refusals import CallRefused
from service_deeds import reading
from service_deeds.deed import Deed, Outcome, new_id
from service_deeds.store import DeedStore
from service_deeds.words import Words

log = structlog.get_logger()


class DeedsNoted(grpc.aio.ServerInterceptor):
    """``translate`` says which errors are refusals: of others nobody knows whether something was done."""

    def __init__(
        self,
        deeds: DeedStore,
        words: Words,
        translate: Callable[[Exception], Any],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._deeds = deeds
        self._words = words
        self._translate = translate
        self._now = now

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        kind = self._words.kind_of(handler_call_details.method)
        if not kind or handler is None or handler.unary_unary is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            self._noted(kind, handler.unary_unary),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _noted(self, kind: str, behaviour: Any) -> Any:
        async def noted(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            deed = await self._deeds.note(self._asked(kind, request))
            try:
                answer = await behaviour(request, context)
            except Exception as error:
                refused = error if isinstance(error, CallRefused) else self._translate(error)
                if isinstance(refused, CallRefused):
                    detail = reading.clipped(refused.detail)
                    await self._end(
                        deed,
                        outcome=Outcome.REFUSED.value,
                        detail=detail,
                        refusal_reason=told_reason(refused.reason),
                    )
                raise
            await self._end(deed, **self._done(deed, request, answer))
            return answer

        return noted

    def _asked(self, kind: str, request: Any) -> Deed:
        caller, at = current_caller(), self._now()
        # The ids of an alarm and of a device begin with their network; jobs, imports, views and messages reach as far
        # as who asks for them, whatever is written where their ids belong.
        networks = reading.placed(self._words, request) or caller.scope.networks
        names = reading.named(self._words, request)
        said, cut = reading.said(self._words, request)
        return Deed(
            deed_id=new_id(at),
            at=at,
            subject=caller.subject,
            username=caller.username,
            client=caller.client,
            kind=kind,
            networks=networks,
            request_id=reading.request_id(self._words, request),
            content=reading.content(request),
            about=names.about,
            device_ids=names.device_ids,
            said=said,
            cut=tuple(sorted(cut | names.cut)),
        )

    def _done(self, deed: Deed, request: Any, answer: Any) -> dict[str, Any]:
        names = reading.named(self._words, request, answer)
        network = reading.touched(self._words, answer)
        done = {
            "outcome": Outcome.DONE.value,
            "about": names.about,
            "device_ids": list(names.device_ids),
            "summary": reading.clipped(self._words.summary(request, answer)),
            "cut": sorted({*deed.cut, *names.cut}),
            "detail": "",
            "refusal_reason": "",
            "made": reading.made(self._words, request, answer),
        }
        return done | ({"networks": [network]} if network else {})

    async def _end(self, deed: Deed, **ended: Any) -> None:
        try:
            await self._deeds.end(deed, ended)
        except PyMongoError as error:
            log.warning(
                "the end of a deed is not stored", deed=deed.deed_id, error=str(error)[:200]
            )
