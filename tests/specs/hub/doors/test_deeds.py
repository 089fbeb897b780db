"""Which calls of the hub are deeds, and what is kept of what a person says there."""

import pytest
from google.protobuf.message import Message
from meterpark.device_hub.v1.identity_service_pb2 import (
    JoinDevicesRequest,
    ResolveIdentityConflictRequest,
    UndoJoinRequest,
)

from contract_limits import REASON_CHARACTERS
from device_hub.access import TABLE
from device_hub.doors.deeds import HUB
from service_deeds.reading import said

# Written by hand: what an auditor can find, by the method that does it.
DEEDS = {
    "IdentityService/ResolveIdentityConflict": "resolve-identity-conflict",
    "IdentityService/JoinDevices": "join-devices",
    "IdentityService/UndoJoin": "undo-join",
    "DeviceHubService/ReplayQuarantinedMessages": "replay-quarantined-messages",
}


def test_every_change_that_a_person_asks_for_is_a_deed_and_nothing_else_is() -> None:
    kinds = {path: kind for path in TABLE if (kind := HUB.kind_of(path))}
    assert kinds == {f"/meterpark.device_hub.v1.{name}": kind for name, kind in DEEDS.items()}


def test_a_method_that_nobody_has_thought_of_yet_is_a_deed() -> None:
    assert HUB.kind_of("/meterpark.device_hub.v1.DeviceHubService/Repaint") == "repaint"


@pytest.mark.parametrize(
    "request_",
    [
        ResolveIdentityConflictRequest(reason="😀" * REASON_CHARACTERS),
        JoinDevicesRequest(reason="😀" * REASON_CHARACTERS),
        UndoJoinRequest(reason="😀" * REASON_CHARACTERS),
    ],
    ids=lambda request_: type(request_).__name__,
)
def test_a_reason_is_kept_whole(request_: Message) -> None:
    assert said(HUB, request_) == ({"reason": "😀" * REASON_CHARACTERS}, frozenset())
