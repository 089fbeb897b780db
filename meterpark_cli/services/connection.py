"""Calls to the two services, through the command's own sidecar like those of any other caller."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.device_hub.v1.identity_service_pb2_grpc import IdentityServiceStub
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceStub
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub
from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceStub
from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceStub
from meterpark.smoc.v1.view_service_pb2_grpc import ViewServiceStub
from meterpark.status.v1.status_service_pb2_grpc import StatusServiceStub

from bearer_tokens.token_calls import call_with_token, stream_with_token
from bearer_tokens.token_endpoint import TokenRefused, TokenUnavailable
from meterpark_cli.failures import Denied, Failure, NotAllowed, Refused, Unreachable
from meterpark_cli.login.identity import Identity, find_identity
from meterpark_cli.login.whoami import NOT_LOGGED_IN, no_token
from meterpark_cli.options import Asking, HostPort
from meterpark_cli.services.roles_needed import roles_needed
from meterpark_cli.stack.local_stack import find_sidecar, read_api_token
from service_chassis.finding import when_found
from service_chassis.refusals import reason_of
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import CHANNEL_OPTIONS, STREAM, Metadata, to_app

HUB_APP_ID = "device-hub"
REGISTER_APP_ID = "smoc-service"

# What a watch repeats its position in, by the contracts' services.
_SIGN_OF_LIFE_SECONDS = 5.0
_NOT_ALLOWED = (
    ErrorReason.ERROR_REASON_UNAUTHENTICATED,
    ErrorReason.ERROR_REASON_TOKEN_EXPIRED,
    ErrorReason.ERROR_REASON_ROLE_MISSING,
    ErrorReason.ERROR_REASON_NETWORK_DENIED,
)

StubT = TypeVar("StubT")
RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Generic[StubT]):
    """One service behind the sidecar; ``calls`` are its methods, `ask` calls one of them."""

    app_id: str
    calls: StubT
    sidecar: HostPort
    channel: grpc.aio.Channel
    metadata: Metadata
    identity: Identity
    timeout_seconds: float

    async def ask(
        self, method: "grpc.UnaryUnaryMultiCallable[RequestT, AnswerT]", request: RequestT
    ) -> AnswerT:
        """Ask once, with a deadline; raise Refused, NotAllowed, Denied or Unreachable when there is no answer."""
        try:
            answer: AnswerT = await when_found(lambda: self._call(method, request))
        except (TokenRefused, TokenUnavailable) as error:
            raise no_token(error) from error
        except grpc.aio.AioRpcError as error:
            raise self._failure(error, request) from error
        return answer

    async def _call(self, method: Any, request: Any) -> Any:
        tokens = self.identity.tokens
        if tokens is None:
            return await method(request, metadata=self.metadata, timeout=self.timeout_seconds)
        return await call_with_token(
            method,
            request,
            tokens=tokens,
            metadata=self.metadata,
            timeout_seconds=self.timeout_seconds,
        )

    async def follow(
        self,
        method: "grpc.UnaryStreamMultiCallable[RequestT, AnswerT]",
        next_request: Callable[[], RequestT],
    ) -> AsyncGenerator[AnswerT]:
        """Yield the answers of a streaming method, also after a token ends; raise what `ask` raises.

        ``next_request`` gives the request that continues after the last answer.
        """
        async with aclosing(self._answers(method, next_request)) as answers:
            while True:
                try:
                    async with asyncio.timeout(_SIGN_OF_LIFE_SECONDS + self.timeout_seconds):
                        answer = await anext(answers)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise Unreachable(
                        f"{self.app_id} does not respond through the sidecar at {self.sidecar}"
                    ) from None
                except (TokenRefused, TokenUnavailable) as error:
                    raise no_token(error) from error
                except grpc.aio.AioRpcError as error:
                    raise self._failure(error, next_request()) from error
                yield answer

    def _answers(self, method: Any, next_request: Callable[[], Any]) -> AsyncGenerator[Any]:
        metadata = (*self.metadata, *STREAM)
        if self.identity.tokens is not None:
            return stream_with_token(
                method, next_request, tokens=self.identity.tokens, metadata=metadata
            )

        async def without_token() -> AsyncGenerator[Any]:
            async for answer in method(next_request(), metadata=metadata):
                yield answer

        return without_token()

    def _failure(self, error: grpc.aio.AioRpcError, request: Any) -> Failure:
        code, detail = error.code(), error.details() or "no details"
        reason = reason_of(error)
        if reason in _NOT_ALLOWED:
            return self._not_allowed(reason, request)
        if reason is not None:
            word = ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
            return Refused(self.app_id, word, detail)
        if code == grpc.StatusCode.UNAUTHENTICATED:
            return NotAllowed(
                f"the sidecar at {self.sidecar} requires its API token ({detail}):"
                " METERPARK_SIDECAR_TOKEN_FILE names the file with it"
            )
        if code == grpc.StatusCode.PERMISSION_DENIED:
            return Denied(
                f"an access policy of the sidecars denies this call to {self.app_id}"
                f" from the sidecar at {self.sidecar} ({detail});"
                " ask through the sidecar of meterpark-cli, or allow the call in the policy"
            )
        if code == grpc.StatusCode.UNAVAILABLE and not self._sidecar_is_there():
            return Unreachable(
                f"the sidecar at {self.sidecar} cannot be reached: {code.name}: {detail};"
                " is the stack up? make status"
            )
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            detail = f"no answer within {self.timeout_seconds:g} s"
        return Unreachable(
            f"{self.app_id} cannot be reached through the sidecar at {self.sidecar}:"
            f" {code.name}: {detail}"
        )

    def _not_allowed(self, reason: ErrorReason.ValueType, request: Any) -> NotAllowed:
        # By the style guide of the contracts, a method's request is its name and "Request".
        method = type(request).__name__.removesuffix("Request")
        match reason:
            case ErrorReason.ERROR_REASON_ROLE_MISSING:
                needed = " or ".join(roles_needed(self.app_id, method)) or "another role"
                return NotAllowed(
                    f"{self.app_id} refuses {method}: it needs the role {needed};"
                    " meterpark whoami shows yours; an administrator of Keycloak can grant it"
                )
            case ErrorReason.ERROR_REASON_NETWORK_DENIED:
                return NotAllowed(
                    f"{self.app_id} refuses {method}: you may not see this network;"
                    " meterpark whoami shows which are"
                )
        if self.identity.tokens is None:
            return NotAllowed(NOT_LOGGED_IN)
        return NotAllowed(
            f"{self.app_id} does not accept the token ({self.identity.origin.told},"
            f" from {self.identity.issuer}): meterpark whoami shows it, meterpark login gets a new one"
        )

    def _sidecar_is_there(self) -> bool:
        return self.channel.get_state() == grpc.ChannelConnectivity.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """The services that this command can call."""

    sidecar: HostPort
    channel: grpc.aio.Channel
    identity: Identity
    register: Service[DeviceServiceStub]
    alarms: Service[AlarmServiceStub]
    imports: Service[ImportServiceStub]
    jobs: Service[JobServiceStub]
    views: Service[ViewServiceStub]
    hub: Service[DeviceHubServiceStub]
    identities: Service[IdentityServiceStub]
    hub_status: Service[StatusServiceStub]
    register_status: Service[StatusServiceStub]


@asynccontextmanager
async def open_park(asking: Asking) -> AsyncIterator[Park]:
    """Open the channel to the named sidecar, or to the local stack's; make no call yet."""
    sidecar = find_sidecar(asking.sidecar, os.environ)
    identity = find_identity(sidecar, os.environ)
    settings = SidecarSettings(
        dapr_grpc_port=sidecar.address.port, dapr_api_token=read_api_token(sidecar, os.environ)
    )
    async with grpc.aio.insecure_channel(str(sidecar.address), options=CHANNEL_OPTIONS) as channel:

        def service(app_id: str, stub: Callable[[grpc.aio.Channel], StubT]) -> Service[StubT]:
            return Service(
                app_id=app_id,
                calls=stub(channel),
                sidecar=sidecar.address,
                channel=channel,
                identity=identity,
                metadata=to_app(app_id, settings),
                timeout_seconds=asking.timeout_seconds,
            )

        yield Park(
            sidecar=sidecar.address,
            channel=channel,
            identity=identity,
            register=service(REGISTER_APP_ID, DeviceServiceStub),
            alarms=service(REGISTER_APP_ID, AlarmServiceStub),
            imports=service(REGISTER_APP_ID, ImportServiceStub),
            jobs=service(REGISTER_APP_ID, JobServiceStub),
            views=service(REGISTER_APP_ID, ViewServiceStub),
            hub=service(HUB_APP_ID, DeviceHubServiceStub),
            identities=service(HUB_APP_ID, IdentityServiceStub),
            hub_status=service(HUB_APP_ID, StatusServiceStub),
            register_status=service(REGISTER_APP_ID, StatusServiceStub),
        )
