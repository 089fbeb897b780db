"""Deeds in the contract's words. Each service has a method of its own that lists them, with the same words."""

import re
from typing import Final, Protocol

from meterpark.smoc.v1 import audit_service_pb2 as contract

from contract_limits import is_device_id
from service_chassis.caller import current_caller
from service_chassis.conditions import read_values
from service_chassis.pages import read_page_size
from service_chassis.refusals import argument_invalid
from service_chassis.times import read_time, write_time
from service_chassis.words import read_words, write_word
from service_deeds.deed import Deed, Outcome
from service_deeds.store import DeedFilter, DeedStore

_LONGEST_ID: Final = 200
_ID: Final = re.compile(r"[0-9a-f]{20}")


class Question(Protocol):
    """A request for deeds."""

    @property
    def filter(self) -> contract.DeedFilter: ...
    @property
    def page_size(self) -> int: ...
    @property
    def page_token(self) -> str: ...
    @property
    def before_deed_id(self) -> str: ...


async def list_deeds(deeds: DeedStore, asked: Question) -> tuple[list[contract.Deed], str]:
    """Return a page of the deeds that the caller may see, and the token of the next one."""
    if asked.before_deed_id and not _ID.fullmatch(asked.before_deed_id):
        raise argument_invalid("before_deed_id", "not 20 hexadecimal digits")
    page = await deeds.page(
        read_deed_filter(asked.filter),
        current_caller().scope,
        read_page_size(asked.page_size),
        asked.page_token,
        asked.before_deed_id,
    )
    return [write_deed(each) for each in page.items], page.next_token


def read_deed_filter(message: contract.DeedFilter) -> DeedFilter:
    if message.device_id and not is_device_id(message.device_id):
        raise argument_invalid(
            "filter.device_id", f"{message.device_id[:200]!r} is not <network>/<device identifier>"
        )
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
        username=deed.username,
        subject=deed.subject,
        client=deed.client,
        kind=deed.kind,
        about=deed.about,
        device_ids=deed.device_ids,
        summary=deed.summary,
        said=deed.said,
        cut=deed.cut,
        outcome=write_word(contract.DeedOutcome, deed.outcome),
        detail=deed.detail,
        refusal_reason=deed.refusal_reason,
    )
