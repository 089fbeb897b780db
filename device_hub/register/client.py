"""smoc_service's register as the hub asks it: with the hub's own token, and with patience.

Trouble on the way is tried again with back-off. A denial (no token, a token or role that is not accepted, an access
policy) is waited out with a small probe now and then. What smoc_service refuses for its own sake is raised.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc.aio
from meterpark.smoc.v1.provisioning_service_pb2 import (
    CompareRevisionsRequest,
    DeviceRevision,
    Provision,
    ProvisionDevicesRequest,
)

from bearer_tokens.admission import Admission, Denied, is_denial
from bearer_tokens.token_calls import Tokens, call_with_token
from bearer_tokens.token_endpoint import TokenUnavailable
from device_hub.traces import PROVISION
from service_chassis.refusals import reason_of
from service_chassis.retries import Backoff, Retries
from service_chassis.sidecar import Metadata
from service_traces.traces import OFF, Traces

if TYPE_CHECKING:
    from meterpark.smoc.v1.provisioning_service_pb2_grpc import ProvisioningServiceAsyncStub

SMOC_APP_ID = "smoc-service"

# Errors that a caller of a single try has to handle.
REGISTER_TROUBLE = (grpc.aio.AioRpcError, TokenUnavailable)

_TIMEOUT_SECONDS = 20.0


class RegisterClient:
    def __init__(
        self,
        stub: "ProvisioningServiceAsyncStub",
        *,
        tokens: Tokens,
        metadata: Metadata,
        probe_seconds: float,
        troubled: Callable[[str, str], None] = lambda _, __: None,
        traces: Traces = OFF,
    ) -> None:
        """``probe_seconds`` lie between two probes while smoc_service denies the hub.

        ``troubled`` is called each time provisioning meets trouble, with the trouble and what to check.
        """
        self._stub = stub
        self._tokens = tokens
        self._metadata = metadata
        self._troubled = troubled
        self._traces = traces
        self._retries = Retries(
            "provision the register", Backoff(first_seconds=0.2, ceiling_seconds=3.0)
        )
        self._provisioning = Admission(
            peer=SMOC_APP_ID, method="ProvisionDevices", probe_seconds=probe_seconds
        )
        self._comparing = Admission(
            peer=SMOC_APP_ID, method="CompareRevisions", probe_seconds=probe_seconds
        )

    def denied(self) -> Denied | None:
        """Return why smoc_service, or a lock before it, lets no device in; None while it does."""
        return self._provisioning.denied

    def comparing_denied(self) -> Denied | None:
        return self._comparing.denied

    async def provision(self, provisions: Sequence[Provision], traceparent: str = "") -> None:
        """Return when the register holds all of ``provisions``; raise AioRpcError when it refuses them."""
        request = ProvisionDevicesRequest(provisions=provisions)
        count = len(provisions)
        with self._traces.within(PROVISION, traceparent, meterpark__devices=count) as span:
            method = self._stub.ProvisionDevices
            await self._provisioning.through(
                partial(self._until_answered, method, request, span.metadata),
                partial(self._probe, method, ProvisionDevicesRequest()),
            )

    async def behind(self, revisions: Mapping[str, int]) -> dict[str, int]:
        """Return those devices that the register does not hold at this revision, with the one that it holds.

        Raises one of REGISTER_TROUBLE when it cannot say now.
        """
        request = CompareRevisionsRequest(
            revisions=[
                DeviceRevision(device_id=device_id, revision=revision)
                for device_id, revision in revisions.items()
            ]
        )
        method = self._stub.CompareRevisions
        answer = await self._comparing.through(
            partial(self._call, method, request),
            partial(self._probe, method, CompareRevisionsRequest()),
        )
        return {one.device_id: one.revision for one in answer.behind}

    async def _probe(self, method: Any, empty: Any) -> None:
        # A role that was given meanwhile is in a new token only.
        await self._tokens.renewed(await self._tokens.value())
        await self._call(method, empty)

    async def _until_answered(self, method: Any, request: Any, more: Metadata) -> None:
        retries = self._retries.of_one()
        while True:
            try:
                await self._call(method, request, more)
            except REGISTER_TROUBLE as error:
                if not _is_trouble(error):
                    raise
                self._troubled(trouble_told(error), remedy_of(error))
                await retries.pause(trouble_told(error))
            else:
                retries.got_on()
                return

    async def _call(self, method: Any, request: Any, more: Metadata = ()) -> Any:
        return await call_with_token(
            method,
            request,
            tokens=self._tokens,
            metadata=(*self._metadata, *more),
            timeout_seconds=_TIMEOUT_SECONDS,
        )


def _is_trouble(error: Exception) -> bool:
    """Everything but a denial and a refusal of smoc_service itself is trouble on the way."""
    if isinstance(error, grpc.aio.AioRpcError):
        return not is_denial(error) and reason_of(error) is None
    return isinstance(error, TokenUnavailable)


def remedy_of(error: Exception) -> str:
    """Return what to check when the cause is not the register itself; else an empty text."""
    return "is Keycloak up?" if isinstance(error, TokenUnavailable) else ""


def trouble_told(error: Exception) -> str:
    """Return an error of a call in one short line."""
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name}: {error.details()}"
    return str(error)
