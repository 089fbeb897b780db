"""A device that the hub cannot serve holds no more than its share of the credit."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from iec_connector.forwarding.forwarding import Parcel, Verdict
from iec_connector.intake.credit_share import CreditShare
from tests.specs.connector.fakes import (
    POSTPONED,
    RECORDED,
    FakeConnection,
    FakeDelivery,
    FakeHub,
    FakeSubscription,
)
from tests.specs.connector.intake.test_intake import Park, deliver, until_settled


def test_messages_of_a_device_beyond_its_share_are_set_aside_up_to_a_bound() -> None:
    share = CreditShare(100)
    assert [share.enter({"STUCK"}) for _ in range(share.share)] == [False] * 10
    assert [share.enter({"STUCK"}) for _ in range(share.most_aside)] == [True] * 400
    assert not share.enter({"STUCK"})
    assert not share.enter({"OTHER"})
    share.leave({"STUCK"}, aside=True)
    assert share.enter({"STUCK"})


def test_a_message_of_nobody_is_not_set_aside() -> None:
    share = CreditShare(1)
    assert [share.enter(set()) for _ in range(5)] == [False] * 5


@given(st.lists(st.sets(st.sampled_from("ABC"), max_size=3), max_size=60), st.integers(0, 2**32))
def test_when_all_messages_have_left_nobody_holds_anything(
    messages: list[set[str]], seed: int
) -> None:
    share = CreditShare(10)
    held = [(devices, share.enter(devices)) for devices in messages]
    random.Random(seed).shuffle(held)  # noqa: S311
    for devices, aside in held:
        share.leave(devices, aside=aside)
    assert vars(share) == vars(CreditShare(10))


@dataclass
class Credited(FakeSubscription):
    """Gives no more than its credit before something is settled, as a broker does."""

    credit: int = 10
    given: list[FakeDelivery] = field(default_factory=list)

    async def receive(self) -> FakeDelivery:
        while sum(not one.log for one in self.given) >= self.credit + self.widened:  # noqa: ASYNC110
            await asyncio.sleep(0)
        self.given.append(await super().receive())
        return self.given[-1]


async def test_a_stuck_meter_with_more_messages_than_the_credit_stops_nobody() -> None:
    stuck = True

    def script(parcels: Sequence[Parcel]) -> Sequence[Verdict]:
        return [
            POSTPONED if stuck and one.device_id == "north/STUCK" else RECORDED for one in parcels
        ]

    connection = FakeConnection(subscription=Credited())
    async with Park(FakeHub(script), [connection]):
        held = deliver(connection, *(["STUCK"] * 40))
        others = deliver(connection, *(f"M{number}" for number in range(40)))
        await until_settled(*others)
        assert not any(one.log for one in held)
        assert connection.subscription.widened == 39
        stuck = False
        await until_settled(*held)
        assert connection.subscription.widened == 0
