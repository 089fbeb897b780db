"""A hub behind a sidecar, as a connector meets it: it remembers what it was told, and fails on demand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from meterpark.device_hub.v1 import device_hub_service_pb2 as contract
from meterpark.device_hub.v1 import device_hub_service_pb2_grpc as contract_grpc
from meterpark.device_hub.v1 import quarantine_pb2
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.status.v1.status_service_pb2 import Teller

from service_chassis.server import serving


@dataclass
class RememberingHub(contract_grpc.DeviceHubServiceServicer):
    """Answers like the hub; ``away`` makes it answer like a sidecar whose app is gone.

    With a ``denial`` it answers so at its door, and remembers what it was asked in vain: method, and how much.
    """

    away: bool = False
    denial: Exception | None = None
    asked_in_vain: list[tuple[str, int]] = field(default_factory=list)
    reports: dict[str, str] = field(default_factory=dict)
    sequence: list[str] = field(default_factory=list)
    calls: int = 0
    quarantined: dict[str, quarantine_pb2.QuarantinedMessage] = field(default_factory=dict)
    replays: list[quarantine_pb2.ClaimedReplay] = field(default_factory=list)
    completed: list[quarantine_pb2.CompletedReplay] = field(default_factory=list)
    told: Teller = field(default_factory=Teller)
    good_byes: int = 0

    async def RecordReports(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.calls += 1
        self._admit("RecordReports", len(request.reports))
        await self._be_there(context)
        assert ("dapr-app-id", "device-hub") in context.invocation_metadata()
        answer = contract.RecordReportsResponse()
        for report in request.reports:
            verdict = answer.verdicts.add(report_id=report.report_id, revision=1)
            if report.device_identifier == "REFUSE-ME":
                verdict.outcome = contract.Verdict.OUTCOME_REFUSED
                verdict.reason = ErrorReason.ERROR_REASON_TIME_INVALID
                verdict.detail = "outside of what can be stored"
                continue
            verdict.outcome = contract.Verdict.OUTCOME_RECORDED
            if report.report_id not in self.reports:
                self.sequence.append(report.device_identifier)
            self.reports[report.report_id] = report.device_identifier
        return answer

    async def QuarantineMessages(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._admit("QuarantineMessages", len(request.messages))
        await self._be_there(context)
        for one in request.messages:
            self.quarantined[one.quarantine_id] = one
        return quarantine_pb2.QuarantineMessagesResponse(stored_count=len(request.messages))

    async def ClaimReplays(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._be_there(context)
        claimed, self.replays = self.replays[: request.limit], self.replays[request.limit :]
        return quarantine_pb2.ClaimReplaysResponse(replays=claimed)

    async def CompleteReplays(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._be_there(context)
        self.completed += request.replays
        return quarantine_pb2.CompleteReplaysResponse()

    async def TellProgress(self, request: Any, context: Any) -> Any:  # noqa: N802
        await self._be_there(context)
        self.good_byes += request.ends
        if not request.ends:
            self.told = request.teller
        return contract.TellProgressResponse()

    def told_denials(self) -> dict[str, str]:
        """Return what to mend, by denied method, as the connector told it last."""
        denials = [denial for hop in self.told.hops for denial in hop.denials]
        return {denial.method: denial.remedy for denial in denials}

    def _admit(self, method: str, size: int) -> None:
        if self.denial is not None:
            self.asked_in_vain.append((method, size))
            raise self.denial

    async def _be_there(self, context: Any) -> None:
        if self.away:
            # What daprd itself says; without the hub's signature it is nobody's fault.
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, "failed to invoke, id: device-hub"
            )

    def devices(self) -> list[str]:
        return sorted(self.reports.values())


@asynccontextmanager
async def remembering_hub() -> AsyncIterator[tuple[RememberingHub, int]]:
    hub = RememberingHub()  # type: ignore[abstract] # the connector calls no other method

    def add(server: grpc.aio.Server) -> list[str]:
        contract_grpc.add_DeviceHubServiceServicer_to_server(hub, server)
        return []

    def translate(error: Exception) -> tuple[grpc.StatusCode, str] | None:
        denied = isinstance(error, PermissionError)
        return (grpc.StatusCode.PERMISSION_DENIED, str(error)) if denied else None

    async with serving(0, add, translate) as port:
        yield hub, port
