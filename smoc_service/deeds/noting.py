"""Notes every call that changes something: before it is done, and how it ended. It stands behind the lock.

When a deed cannot be stored, it is not done: the caller is told to try again. When its end cannot be stored, it stays
ASKED, which says that nobody knows; the change itself is not taken back for that.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

import grpc
import grpc.aio
import structlog
from pymongo.errors import PyMongoError

from service_chassis.caller import current_caller
from service_chassis.refusals import CallRefused
from smoc_service.deeds import reading
from smoc_service.deeds.deed import Deed, Outcome, kind_of
from smoc_service.deeds.store import DeedStore
from smoc_service.door.caller import who_calls
from smoc_service.mongodb import as_stored
from smoc_service.register.device import network_of

log = structlog.get_logger()

_DETAIL_AT_MOST: Final = 500


class DeedsNoted(grpc.aio.ServerInterceptor):
    """``translate`` says which errors are refusals: of others nobody knows whether something was done."""

    def __init__(
        self,
        deeds: DeedStore,
        translate: Callable[[Exception], Any],
        *,
        new_id: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        self._deeds = deeds
        self._translate = translate
        self._new_id = new_id
        self._now = now

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        kind = kind_of(handler_call_details.method)
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
                    detail = refused.detail[:_DETAIL_AT_MOST]
                    await self._end(deed, outcome=Outcome.REFUSED.value, detail=detail)
                raise
            await self._end(deed, **_done(request, answer))
            return answer

        return noted

    def _asked(self, kind: str, request: Any) -> Deed:
        caller = current_caller()
        # The ids of an alarm and of a device begin with their network; jobs, imports and views reach as far as who
        # asks for them, whatever is written where their ids belong.
        placed = reading.placed(request)
        network = network_of(placed) if "/" in placed else ""
        return Deed(
            deed_id=self._new_id(),
            at=as_stored(self._now()),
            who=who_calls(),
            client=caller.client,
            kind=kind,
            networks=frozenset({network}) if network else caller.scope.networks,
            request_id=reading.request_id(request),
            content=reading.content(request),
            about=reading.about(request),
            device_ids=reading.devices(request),
            said=reading.said(request),
        )

    async def _end(self, deed: Deed, **ended: Any) -> None:
        try:
            await self._deeds.end(deed, ended)
        except PyMongoError as error:
            log.warning(
                "the end of a deed is not stored", deed=deed.deed_id, error=str(error)[:200]
            )


def _done(request: Any, answer: Any) -> dict[str, Any]:
    about = reading.about(answer) or reading.about(request)
    devices = dict.fromkeys((*reading.devices(request), *reading.devices(answer)))
    return {
        "outcome": Outcome.DONE.value,
        "about": about,
        "device_ids": list(devices)[: reading.DEVICES_AT_MOST],
        "summary": reading.summary(answer),
        "detail": "",
        "made": reading.made(request, answer),
    }
