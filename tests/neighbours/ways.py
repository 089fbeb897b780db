"""Every way to a broker: two brokers, each over two transports, and what differs between them."""

import asyncio
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pytest
from _pytest.mark import ParameterSet

from jms_transport import Connection, Delivery, Destination, Subscription, TlsFiles, connect
from tests.neighbours.artemis import Artemis
from tests.neighbours.broker import Broker

Transport: TypeAlias = Literal["amqp", "openwire"]

_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One transport to one broker; users, certificates and destinations work alike on all of them."""

    broker: Broker
    transport: Transport

    @property
    def is_artemis(self) -> bool:
        return isinstance(self.broker, Artemis)

    def url(self, *, tls: bool = False) -> str:
        match self.transport:
            case "amqp":
                return self.broker.url_amqps if tls else self.broker.url_amqp
            case "openwire":
                return self.broker.url_openwire_tls if tls else self.broker.url_openwire

    async def dial(
        self,
        user: str = "admin",
        *,
        password: str = "",
        client_id: str = "",
        tls: TlsFiles | None = None,
        max_message_bytes: int = 1 << 26,
    ) -> Connection:
        return await connect(
            self.url(tls=tls is not None),
            user=user,
            password=password or self.broker.password(user),
            client_id=client_id,
            tls=tls,
            max_message_bytes=max_message_bytes,
            client_jars=self.broker.jars,
        )

    def dead_letters_of(self, queue: Destination) -> Destination:
        """Our Classic has a dead-letter queue per destination, a stock Artemis one for all."""
        return Destination.to_subscribe(
            "queue://DLQ" if self.is_artemis else f"queue://DLQ.{queue.name}"
        )

    @property
    def trusted(self) -> TlsFiles:
        return TlsFiles(
            ca_file=self.broker.ca_file,
            certificate_file=self.broker.client_certificate,
            key_file=self.broker.client_key,
        )


def ways(*names: str) -> list[ParameterSet]:
    """Parameters for the fixture `way`; those over OpenWire can be left out: `-m 'not openwire'`."""
    marks = {"openwire": [pytest.mark.openwire], "amqp": []}
    return [pytest.param(name, id=name, marks=marks[name.split("-")[1]]) for name in names]


EVERY_WAY = ways("classic-amqp", "classic-openwire", "artemis-amqp", "artemis-openwire")


async def receive(subscription: Subscription) -> Delivery:
    return await asyncio.wait_for(subscription.receive(), _PATIENCE_SECONDS)
