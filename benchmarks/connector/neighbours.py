"""Broker and hub of the connector in a process of their own, so that their processor time is not the connector's.

The broker speaks AMQP 1.0 and gives each link that is opened the same messages from the first on, as credit allows.
The hub records every report at once.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

import grpc
from meterpark.device_hub.v1.device_hub_service_pb2 import (
    DESCRIPTOR,
    RecordReportsRequest,
    RecordReportsResponse,
    Verdict,
)
from proton.handlers import MessagingHandler
from proton.reactor import Container

from benchmarks.trouble import BenchFailed
from jms_transport.amqp.mapping import outgoing
from jms_transport.destination import Destination
from jms_transport.port import OutgoingMessage
from tests.neighbours.ports import free_ports

DESTINATION: Final = Destination.to_subscribe("queue://IEC20_PUSH")
_SERVICE: Final = DESCRIPTOR.services_by_name["DeviceHubService"].full_name
_START_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Where they listen, on 127.0.0.1."""

    broker_port: int
    hub_port: int


@contextmanager
def neighbours(encoded: Sequence[bytes]) -> Iterator[Neighbours]:
    """Run both for as long as the block lasts; ``encoded`` are AMQP messages."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(encoded, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_START_SECONDS):
            raise BenchFailed(f"broker and hub did not start within {_START_SECONDS:.0f} s")
        broker_port, hub_port = ours.recv()
        yield Neighbours(broker_port=broker_port, hub_port=hub_port)
    finally:
        process.kill()
        process.join()


def as_amqp(body: str) -> bytes:
    """Encode a body as a head-end system's JMS client sends it."""
    return outgoing(OutgoingMessage(body=body), DESTINATION, lambda to: to.address)


def _serve(encoded: Sequence[bytes], ready: Connection) -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    record = grpc.unary_unary_rpc_method_handler(
        _record,
        request_deserializer=RecordReportsRequest.FromString,
        response_serializer=RecordReportsResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(_SERVICE, {"RecordReports": record}),)
    )
    hub_port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    (broker_port,) = free_ports(1)
    broker = _Broker(
        f"127.0.0.1:{broker_port}", encoded, lambda: ready.send((broker_port, hub_port))
    )
    Container(broker).run()


def _record(request: RecordReportsRequest, context: grpc.ServicerContext) -> RecordReportsResponse:
    del context
    return RecordReportsResponse(
        verdicts=[
            Verdict(report_id=report.report_id, outcome=Verdict.OUTCOME_RECORDED)
            for report in request.reports
        ]
    )


class _Broker(MessagingHandler):  # type: ignore[misc]  # proton has no types
    def __init__(self, address: str, encoded: Sequence[bytes], listening: Any) -> None:
        super().__init__()
        self._address = address
        self._encoded = encoded
        self._listening = listening
        self._next: dict[str, int] = {}

    def on_start(self, event: Any) -> None:
        event.container.listen(self._address)
        self._listening()

    def on_link_opening(self, event: Any) -> None:
        link = event.link
        link.source.address = link.remote_source.address
        link.target.address = link.remote_target.address
        self._next[link.name] = 0

    def on_sendable(self, event: Any) -> None:
        link = event.sender
        place = self._next[link.name]
        while link.credit > 0 and place < len(self._encoded):
            link.delivery(str(place))
            link.stream(self._encoded[place])
            link.advance()
            place += 1
        self._next[link.name] = place
