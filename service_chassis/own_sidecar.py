"""Refuses calls that do not come from the service's own sidecar. The sidecar applies mTLS and the access policies.

daprd removes what a caller sent as ``dapr-api-token`` and sends the app's own token (APP_API_TOKEN) instead,
so a call with this token comes from that sidecar.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from service_chassis.refusals import CallDenied

_TOKEN = "dapr-api-token"  # noqa: S105 - the name of the metadata, not a token
# Supervisors ask for health without a sidecar.
_OPEN = "/grpc.health.v1.Health/"


class OwnSidecarOnly(grpc.aio.ServerInterceptor):
    """Refuses calls that did not come through the own sidecar, also of methods that do not exist. Health is open."""

    def __init__(self, app_api_token: str) -> None:
        self._token = app_api_token.encode()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        method = handler_call_details.method
        said = handler_call_details.invocation_metadata or ()
        shown = [value for key, value in said if key == _TOKEN]
        if method.startswith(_OPEN) or self._is_mine(shown):
            return await continuation(handler_call_details)
        why = "the app API token is not the sidecar's" if shown else "no app API token"
        raise CallDenied(ErrorReason.ERROR_REASON_SIDECAR_BYPASSED, why)

    def _is_mine(self, shown: list[str | bytes]) -> bool:
        if len(shown) != 1:
            return False
        token = shown[0]
        return hmac.compare_digest(
            token if isinstance(token, bytes) else token.encode(), self._token
        )
