"""What a configuration or a linkage does to a device."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from device_hub.device.attributes import (
    CHANGE_TEXTS,
    LIFE_DATES,
    STATED_LIFECYCLE,
    STATUS_TEXTS,
    check_names,
    check_room,
    date_of,
)
from device_hub.device.commands import Configure, Link, Unlink
from device_hub.device.deciding.conclusions import entered_operation_already
from device_hub.device.deciding.occurrences import statement_fingerprint
from device_hub.device.events import Event
from device_hub.device.events.stated import (
    Configured,
    LifecycleStaged,
    Linked,
    Unlinked,
)
from device_hub.device.evolution import fold
from device_hub.device.facets import CONFIGURATION, INFERRED, LINKAGE, newer
from device_hub.device.lifecycle import is_in_the_field, lifecycle_of
from device_hub.device.refusal import Reason, Refused
from device_hub.device.state import Device
from device_hub.device.values import Configuration, Facet, Flag, Lifecycle, Occurrence, Switch

# Dates that end a life, when a message states no lifecycle.
ENDINGS: Final = (LIFE_DATES + "removalDate", LIFE_DATES + "retiredDate")


def configure(device: Device, command: Configure, when: Occurrence) -> list[Event]:
    """Record what the configuration says and the device did not know; raise Refused(REPORT_EMPTY, ARGUMENT_INVALID)."""
    said = command.configuration
    if not (said.attributes or said.lifecycle or said.removal or said.switch):
        raise Refused(Reason.REPORT_EMPTY, "the configuration says nothing about the device")
    check_names(said.attributes)
    changed, overtaken = _compare(device, said.attributes, when.at)
    lifecycle = _stated_lifecycle(said, changed, when)
    if lifecycle is not None:
        news, old = _compare(device, {STATED_LIFECYCLE: lifecycle.value}, when.at)
        changed |= news
        overtaken |= old
    _add_what_goes_with_it(device, said, changed, overtaken, when)
    check_room(device.attributes, {**device.attributes, **changed})
    switch = _switch(device, said.switch, when, overtaken)

    events: list[Event] = []
    mark = _mark(device, "configuration", when, overtaken)
    if mark is None:
        overtaken = {}
    if changed or overtaken or switch or device.registered_at is None:
        flagged = replace(when, flags=(Flag.LATE, *when.flags)) if overtaken else when
        events.append(
            Configured(
                when=flagged,
                changed=changed,
                overtaken=overtaken,
                switch=switch,
                fingerprint=mark,
            )
        )
    if lifecycle is not None and _moves_stage(device, lifecycle, when.at):
        events.append(LifecycleStaged(lifecycle=lifecycle, when=when, cause=CONFIGURATION))
    return events + entered_operation_already(fold(device, events), when) if events else []


def link(device: Device, command: Link, when: Occurrence) -> list[Event]:
    """Record where the device is installed; raise Refused(REPORT_EMPTY, ARGUMENT_INVALID)."""
    to = {"usage_point": command.usage_point, "parent": command.parent}
    if not any(to.values()):
        raise Refused(Reason.REPORT_EMPTY, "the linkage names no usage point and no parent")
    said = {word: text for word, text in (*to.items(), ("area", command.area)) if text}
    changed, overtaken = _compare(device, said, when.at)
    check_room(device.attributes, {**device.attributes, **changed})
    revived = bool(command.usage_point) and _is_revived(device, when.at)
    linked = Linked(
        when=when, usage_point=command.usage_point, area=command.area, parent=command.parent
    )
    if all(word in overtaken for word, text in to.items() if text):
        mark = _mark(device, "link", when, said)
        if mark is None:
            return []
        late = replace(when, flags=(Flag.LATE, *when.flags))
        return [replace(linked, when=late, fingerprint=mark)]
    if not changed and not revived:
        return []
    events: list[Event] = [linked]
    if revived:
        events.append(_inferred_stage(Lifecycle.INVENTORY, when))
    return events + entered_operation_already(fold(device, events), when)


def unlink(device: Device, command: Unlink, when: Occurrence) -> list[Event]:
    """Record that the device left a usage point.

    Also when it was at none: the report that it had arrived there may come late, and is then overtaken.
    """
    if command.parent:
        return _leave_parent(device, command.parent, when)
    place, since = (
        device.attributes.get("usage_point"),
        device.attributes_as_of.get("usage_point"),
    )
    left = Unlinked(when=when, usage_point=command.usage_point)
    if place == "":
        return []
    if place is None or (
        command.usage_point in ("", place) and since is not None and when.at >= since
    ):
        events: list[Event] = [left]
        if is_in_the_field(device) and _may_stage(device.stage, when.at):
            events.append(_inferred_stage(Lifecycle.INVENTORY, when))
        return events
    # Late, or from another place than where the device is now: it stays where it is.
    mark = _mark(device, "unlink", when, {"usage_point": command.usage_point})
    if mark is None:
        return []
    late = replace(when, flags=(Flag.LATE, *when.flags)) if since and when.at < since else when
    return [replace(left, when=late, fingerprint=mark)]


def _leave_parent(device: Device, parent: str, when: Occurrence) -> list[Event]:
    known, since = device.attributes.get("parent"), device.attributes_as_of.get("parent")
    left = Unlinked(when=when, parent=parent)
    if known == "":
        return []
    if known is None or (known == parent and since is not None and when.at >= since):
        return [left]
    mark = _mark(device, "unlink", when, {"parent": parent})
    if mark is None:
        return []
    late = replace(when, flags=(Flag.LATE, *when.flags)) if since and when.at < since else when
    return [replace(left, when=late, fingerprint=mark)]


def _compare(
    device: Device, said: Mapping[str, str], at: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the new statements: those that are newer than the known ones, and those that came too late."""
    changed: dict[str, str] = {}
    overtaken: dict[str, str] = {}
    for word, text in said.items():
        if not text or device.attributes.get(word) == text:
            continue
        as_of = device.attributes_as_of.get(word)
        is_news = as_of is None or at >= as_of or word in device.shipped
        (changed if is_news else overtaken)[word] = text
    return changed, overtaken


def _add_what_goes_with_it(
    device: Device,
    said: Configuration,
    changed: dict[str, str],
    overtaken: dict[str, str],
    when: Occurrence,
) -> None:
    """Texts about a change are no change by themselves; with one, those that are not said again are over."""
    for about in (changed, overtaken):
        if about.keys() <= {*CHANGE_TEXTS}:
            about.clear()
    over = [*(STATUS_TEXTS if "status" in changed else ()), *(CHANGE_TEXTS if changed else ())]
    for word in over:
        is_over = bool(device.attributes.get(word)) and not said.attributes.get(word)
        if is_over and when.at >= device.attributes_as_of[word]:
            changed[word] = ""


def _stated_lifecycle(
    said: Configuration, changed: Mapping[str, str], when: Occurrence
) -> Lifecycle | None:
    if said.removal:
        return Lifecycle.REMOVED
    if said.lifecycle is not None:
        return said.lifecycle
    if any(_has_passed(changed[date], when) for date in ENDINGS if date in changed):
        return Lifecycle.REMOVED
    return None


def _has_passed(text: str, when: Occurrence) -> bool:
    date = date_of(text)
    return date is not None and date <= when.received_at


def _moves_stage(device: Device, lifecycle: Lifecycle, at: datetime) -> bool:
    """Whether the statement changes what people see.

    A head-end system may publish its whole park each night. What it stated before and states again says that no
    condition (fault, lost link, update) holds; it does not undo what happened since (discovered, installed
    and heard, unlinked). Only a removal is always meant.
    """
    stage = device.stage
    stated_at = device.attributes_as_of.get(STATED_LIFECYCLE)
    if not _may_stage(stage, at) or (stated_at is not None and at < stated_at):
        return False
    restated = device.attributes.get(STATED_LIFECYCLE) == lifecycle.value
    if restated and lifecycle is not Lifecycle.REMOVED and stage.value is not lifecycle:
        return False
    if stage.as_of is None or stage.value is not lifecycle:
        return True
    after = replace(device, stage=Facet(lifecycle, at, CONFIGURATION))
    return lifecycle_of(after).value is not lifecycle_of(device).value


def _may_stage(stage: Facet[Lifecycle], at: datetime) -> bool:
    """Whether a report of that time may move the stage. What was only inferred from contact yields to any report."""
    return stage.as_of is None or stage.cause == INFERRED or at >= stage.as_of


def _is_revived(device: Device, at: datetime) -> bool:
    stage = device.stage
    return stage.value is Lifecycle.REMOVED and stage.as_of is not None and at > stage.as_of


def _inferred_stage(lifecycle: Lifecycle, when: Occurrence) -> LifecycleStaged:
    inferred = replace(when, flags=(*when.flags, Flag.INFERRED))
    return LifecycleStaged(lifecycle=lifecycle, when=inferred, cause=LINKAGE)


def _switch(
    device: Device, said: Switch | None, when: Occurrence, overtaken: dict[str, str]
) -> Switch | None:
    if said is None or said is device.switch.value:
        return None
    if newer(device.switch, said, when.at, CONFIGURATION).value is said:
        return said
    overtaken["switch"] = said.value
    return None


def _mark(device: Device, kind: str, when: Occurrence, overtaken: Mapping[str, str]) -> int | None:
    """Return the fingerprint of what came too late; None when there is nothing, or the device remembers it."""
    if not overtaken:
        return None
    said = (text for item in sorted(overtaken.items()) for text in item)
    mark = statement_fingerprint(kind, when.at, *said)
    return None if mark in device.recent else mark
