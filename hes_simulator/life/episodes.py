"""What may happen to a device: an outage and its end, a cover taken off, an update, an exchange.

An episode is a handful of messages about one device over some time. It finds the device in order and leaves
it in order (an update that failed leaves its mark until the next one), so that the next episode needs to
know nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from hes_simulator.messages.event_messages import (
    Content,
    EndDeviceEvents,
    Lifecycle,
    Linkage,
    MeterConfig,
    MeterReadings,
    Occurrence,
    Verb,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from hes_simulator.park.devices import ParkDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A device, when the episode begins and ends for it, and the firmware before and after."""

    device: ParkDevice
    began_at: datetime
    seconds: float
    firmware: str
    next_firmware: str
    luck: Random

    def at(self, share: float) -> datetime:
        """Return the time after that share of the episode."""
        return self.began_at + timedelta(seconds=share * self.seconds)

    def events(self, share: float, *codes: str, reason: str = "") -> EndDeviceEvents:
        """Return one message with events that follow each other within a few milliseconds."""
        return EndDeviceEvents(
            occurrences=tuple(
                Occurrence(
                    device=self.device,
                    code=code,
                    at=self.at(share) + timedelta(milliseconds=2 * place),
                    reason=reason,
                )
                for place, code in enumerate(codes)
            )
        )

    def config(
        self,
        share: float,
        status: Lifecycle,
        *,
        verb: Verb = Verb.CHANGED,
        firmware: str = "",
        switch_connected: bool | None = None,
    ) -> MeterConfig:
        """Return what the registry of the head-end system says of the device at that time.

        It names the firmware when the device is new or updated; else it says nothing about it.
        """
        return MeterConfig(
            verb=verb,
            device=self.device,
            status=status,
            firmware=firmware,
            at=self.at(share),
            switch_connected=switch_connected,
        )

    def reading(self, share: float, *codes: str) -> MeterReadings:
        """Return two register values, with events inside when codes are given."""
        imported = 1_000 + self.luck.random() * 20_000
        return MeterReadings(
            device=self.device,
            at=self.at(share),
            values=(imported, imported * self.luck.random() / 4),
            occurrences=self.events(share, *codes).occurrences,
        )


# (share of the episode, what is said then), in order of time.
Course: TypeAlias = tuple[tuple[float, Content], ...]


def rollout(moment: Moment) -> Course:
    """Into stock, to its usage point, found by the network, in operation, first reading."""
    new = moment.firmware
    created = moment.config(0.0, Lifecycle.INVENTORY, verb=Verb.CREATED, firmware=new)
    working = moment.config(0.95, Lifecycle.IN_OPERATION, firmware=new, switch_connected=True)
    return (
        (0.0, created),
        (0.4, Linkage(verb=Verb.CREATED, device=moment.device, at=moment.at(0.4))),
        (0.6, moment.config(0.6, Lifecycle.DISCOVERED, firmware=new)),
        (0.9, moment.events(0.9, "3.6.5.58")),
        (0.95, working),
        (1.0, moment.reading(1.0)),
    )


def _reading(moment: Moment) -> Course:
    return ((0.0, moment.reading(0.0)),)


def _reading_with_event(moment: Moment) -> Course:
    # Last read registered, clock changed, parameter changed: of interest, without effect on a facet.
    code = moment.luck.choice(("3.21.62.50", "3.36.0.24", "3.7.75.24"))
    return ((0.0, moment.reading(0.0, code)),)


def _outage(moment: Moment) -> Course:
    # One in eight last gasps comes from the communication module, with its own device type.
    kind = "26" if moment.luck.random() < 1 / 8 else "3"
    return (
        (0.0, moment.events(0.0, f"{kind}.26.0.85", reason="last gasp")),
        (0.9, moment.events(0.9, f"{kind}.26.0.216")),
        (1.0, moment.reading(1.0)),
    )


def _flicker(moment: Moment) -> Course:
    return ((0.0, moment.events(0.0, "3.26.0.85", "3.26.0.216", "3.26.0.85", "3.26.0.216")),)


def _phase_loss(moment: Moment) -> Course:
    return (
        (0.0, moment.events(0.0, "3.26.126.85")),
        (1.0, moment.events(1.0, "3.26.126.216")),
    )


def _tamper(moment: Moment) -> Course:
    detected = moment.luck.choice((("3.12.29.212", "3.12.43.257"), ("3.12.66.257",)))
    return (
        (0.0, moment.events(0.0, *detected)),
        (1.0, moment.events(1.0, "3.12.43.291")),
    )


def _switch(moment: Moment) -> Course:
    return (
        (0.0, moment.events(0.0, "3.31.0.68", reason="remote")),
        (1.0, moment.events(1.0, "3.31.0.42", reason="remote")),
    )


def _communication(moment: Moment) -> Course:
    return (
        (0.0, moment.events(0.0, "3.1.0.85")),
        (0.1, moment.config(0.1, Lifecycle.POOR_COMMUNICATION)),
        (0.9, moment.events(0.9, "3.1.52.29")),
        (1.0, moment.config(1.0, Lifecycle.IN_OPERATION)),
    )


def _exchange(moment: Moment) -> Course:
    return (
        (0.0, Linkage(verb=Verb.CLOSED, device=moment.device, at=moment.at(0.0))),
        (0.1, moment.config(0.1, Lifecycle.REMOVED, verb=Verb.DELETED)),
        (0.7, moment.config(0.7, Lifecycle.INVENTORY, verb=Verb.CREATED)),
        (0.8, Linkage(verb=Verb.CREATED, device=moment.device, at=moment.at(0.8))),
        (1.0, moment.config(1.0, Lifecycle.IN_OPERATION, switch_connected=True)),
    )


def _update(moment: Moment) -> Course:
    activated = Occurrence(
        device=moment.device,
        code="3.11.283.4",
        at=moment.at(0.9),
        details=(("FirmwareVersion", moment.next_firmware),),
    )
    return (
        (0.0, moment.events(0.0, "3.11.83.54")),
        (0.1, moment.config(0.1, Lifecycle.UPDATE_IN_PROGRESS)),
        (0.9, EndDeviceEvents(occurrences=(activated,))),
        (1.0, moment.config(1.0, Lifecycle.IN_OPERATION, firmware=moment.next_firmware)),
    )


def _update_failed(moment: Moment) -> Course:
    return (
        (0.0, moment.events(0.0, "3.11.83.54")),
        (0.1, moment.config(0.1, Lifecycle.UPDATE_IN_PROGRESS)),
        (0.6, moment.events(0.6, "3.11.283.85", reason="image verification failed")),
        (0.7, moment.config(0.7, Lifecycle.ERROR)),
        (1.0, moment.config(1.0, Lifecycle.IN_OPERATION)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Share among the episodes, number of messages, minutes in a real park, and the contents."""

    name: str
    weight: int
    messages: int
    minutes: tuple[float, float]
    course: Callable[[Moment], Course]


def _episode(
    name: str,
    weight: int,
    messages: int,
    minutes: tuple[float, float],
    course: Callable[[Moment], Course],
) -> Episode:
    return Episode(name=name, weight=weight, messages=messages, minutes=minutes, course=course)


ROLLOUT: Final = _episode("rollout", 0, 6, (6, 10), rollout)
UPDATE: Final = _episode("update", 0, 4, (10, 30), _update)
UPDATE_FAILED: Final = _episode("update failed", 0, 5, (10, 30), _update_failed)
# Weights are compressed against reality (a meter has about one alert in a day, and hardly a tamper in ten years):
# a user who watches for a minute shall see each of them.
DAILY: Final[tuple[Episode, ...]] = (
    _episode("reading", 60, 1, (0, 0), _reading),
    _episode("reading with event", 8, 1, (0, 0), _reading_with_event),
    _episode("outage", 12, 3, (10, 60), _outage),
    _episode("flicker", 3, 1, (0, 0), _flicker),
    _episode("phase loss", 2, 2, (5, 20), _phase_loss),
    _episode("tamper", 5, 2, (20, 90), _tamper),
    _episode("switch", 5, 2, (15, 60), _switch),
    _episode("communication", 4, 4, (10, 40), _communication),
    _episode("exchange", 1, 5, (20, 60), _exchange),
)
# Every device is updated once in so many episodes; one update in ten fails.
EPISODES_PER_UPDATE: Final = 14
FAILING_UPDATES: Final = 0.1
