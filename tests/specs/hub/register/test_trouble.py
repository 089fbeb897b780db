"""What is in the way of the register is told with what to look at: the register, or who gives tokens."""

from typing import Any

import grpc.aio
import pytest
from meterpark.smoc.v1.provisioning_service_pb2 import Provision

from bearer_tokens.token_endpoint import TokenUnavailable
from device_hub.register.client import RegisterClient


class TokensAfter:
    """Gives tokens, once its trouble is over."""

    def __init__(self, trouble: Exception | None) -> None:
        self.trouble = trouble

    async def value(self) -> str:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        return "token"

    async def renewed(self, old: str) -> str:
        return old


class Register:
    """Takes everything, or refuses it once for trouble on the way."""

    def __init__(self, trouble: Exception | None) -> None:
        self.trouble = trouble

    async def ProvisionDevices(self, *_: Any, **__: Any) -> None:  # noqa: N802
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble


def unavailable() -> grpc.aio.AioRpcError:
    nothing = grpc.aio.Metadata()
    return grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, nothing, nothing, details="away")


@pytest.mark.parametrize(
    ("of_tokens", "of_register", "told"),
    [
        (TokenUnavailable("it answers 503"), None, ("it answers 503", "is Keycloak up?")),
        (None, unavailable(), ("UNAVAILABLE: away", "")),
    ],
)
async def test_who_gives_tokens_is_not_taken_for_the_register(
    of_tokens: Exception | None, of_register: Exception | None, told: tuple[str, str]
) -> None:
    heard: list[tuple[str, str]] = []
    client = RegisterClient(
        Register(of_register),  # type: ignore[arg-type]
        tokens=TokensAfter(of_tokens),
        metadata=(),
        probe_seconds=1,
        troubled=lambda detail, remedy: heard.append((detail, remedy)),
    )
    await client.provision([Provision()])
    assert heard == [told]
