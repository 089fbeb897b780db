"""The hub that is measured against keeps its state as the SDK's tutorials do."""

from dapr.actor import ActorId
from dapr.actor.runtime.state_manager import ActorStateManager

from benchmarks.stack.stock_hub import StockDevice
from tests.neighbours.hub import CONTEXT


def test_the_sdk_gives_a_stock_device_what_keeps_its_state() -> None:
    assert isinstance(StockDevice(CONTEXT, ActorId("north/1"))._state_manager, ActorStateManager)
