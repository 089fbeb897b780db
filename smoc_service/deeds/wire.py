"""Deeds in the contract's words."""

from typing import Final

from meterpark.smoc.v1 import audit_service_pb2 as contract

from service_chassis.refusals import argument_invalid
from service_chassis.words import read_words, write_word
from smoc_service.deeds.deed import Deed, Outcome
from smoc_service.deeds.store import DeedFilter
from smoc_service.door.reading import read_device_id, read_values
from smoc_service.door.times import read_time, write_time

_LONGEST_ID: Final = 200


def read_deed_filter(message: contract.DeedFilter) -> DeedFilter:
    if message.device_id:
        read_device_id(message.device_id, "filter.device_id")
    if len(message.about) > _LONGEST_ID:
        raise argument_invalid("filter.about", f"longer than {_LONGEST_ID} characters")
    start = read_time(message.time, "start_time", "filter.time")
    end = read_time(message.time, "end_time", "filter.time")
    if start is not None and end is not None and start >= end:
        raise argument_invalid("filter.time", "start_time does not lie before end_time")
    return DeedFilter(
        usernames=read_values(message.usernames, "filter.usernames"),
        kinds=read_values(message.kinds, "filter.kinds"),
        device_id=message.device_id,
        about=message.about,
        start=start,
        end=end,
        outcomes=read_words(contract.DeedOutcome, message.outcomes, Outcome, "filter.outcomes"),
    )


def write_deed(deed: Deed) -> contract.Deed:
    return contract.Deed(
        deed_id=deed.deed_id,
        time=write_time(deed.at),
        username=deed.who.username,
        subject=deed.who.subject,
        client=deed.client,
        kind=deed.kind,
        about=deed.about,
        device_ids=deed.device_ids,
        summary=deed.summary,
        said=deed.said,
        outcome=write_word(contract.DeedOutcome, deed.outcome),
        detail=deed.detail,
    )
