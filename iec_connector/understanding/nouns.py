"""Nouns and verbs as they are written, and which they are."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from iec_connector.understanding.remembered import remembered


class Noun(StrEnum):
    """What the connector takes in."""

    METER_CONFIG = "MeterConfig"
    END_DEVICE_CONFIG = "EndDeviceConfig"
    END_DEVICE_EVENTS = "EndDeviceEvents"
    LINKAGE = "MasterDataLinkageConfig"
    METER_READINGS = "MeterReadings"
    CONTROLS = "EndDeviceControls"
    FIRMWARE = "EndDeviceFirmware"
    MODULE_CONFIG = "ComModuleConfig"
    USAGE_POINT_CONFIG = "UsagePointConfig"


class Verb(StrEnum):
    """The verbs of Message.xsd, without regard to tense."""

    CREATED = "created"
    CHANGED = "changed"
    CLOSED = "closed"
    DELETED = "deleted"
    CANCELED = "canceled"
    EXECUTED = "executed"
    GET = "get"
    REPLY = "reply"
    MISSING = ""
    UNKNOWN = "unknown"


ENDING_VERBS = frozenset({Verb.CLOSED, Verb.DELETED, Verb.CANCELED})

_VERBS = {
    "": Verb.MISSING,
    **dict.fromkeys(("create", "created", "creates", "new", "add", "added"), Verb.CREATED),
    **dict.fromkeys(("change", "changed", "update", "updated"), Verb.CHANGED),
    **dict.fromkeys(("close", "closed"), Verb.CLOSED),
    **dict.fromkeys(("delete", "deleted", "remove", "removed"), Verb.DELETED),
    **dict.fromkeys(("cancel", "canceled", "cancelled"), Verb.CANCELED),
    **dict.fromkeys(("execute", "executed"), Verb.EXECUTED),
    **dict.fromkeys(("get", "request", "read"), Verb.GET),
    **dict.fromkeys(("reply", "response", "show", "send", "publish", "notify"), Verb.REPLY),
}

_NOUNS = {
    "meterconfig": Noun.METER_CONFIG,
    "meterconfigs": Noun.METER_CONFIG,
    "meterassetconfig": Noun.METER_CONFIG,
    "enddeviceconfig": Noun.END_DEVICE_CONFIG,
    "enddeviceconfigs": Noun.END_DEVICE_CONFIG,
    "enddeviceassets": Noun.END_DEVICE_CONFIG,
    "enddeviceassetconfig": Noun.END_DEVICE_CONFIG,
    "enddeviceevents": Noun.END_DEVICE_EVENTS,
    "enddeviceevent": Noun.END_DEVICE_EVENTS,
    "masterdatalinkageconfig": Noun.LINKAGE,
    "masterdatalinkage": Noun.LINKAGE,
    "meterreadings": Noun.METER_READINGS,
    "meterreading": Noun.METER_READINGS,
    "enddevicecontrols": Noun.CONTROLS,
    "enddevicecontrol": Noun.CONTROLS,
    "enddevicefirmware": Noun.FIRMWARE,
    "enddevicefirmwares": Noun.FIRMWARE,
    "commoduleconfig": Noun.MODULE_CONFIG,
    "commoduleconfigs": Noun.MODULE_CONFIG,
    "usagepointconfig": Noun.USAGE_POINT_CONFIG,
    "usagepointconfigs": Noun.USAGE_POINT_CONFIG,
}

ITEMS: dict[Noun, tuple[str, ...]] = {
    Noun.METER_CONFIG: ("meter", "meterasset", "enddevice"),
    Noun.END_DEVICE_CONFIG: ("enddevice", "enddeviceasset", "meter"),
    Noun.END_DEVICE_EVENTS: ("enddeviceevent",),
    Noun.LINKAGE: ("meter", "enddevice", "usagepoint"),
    Noun.METER_READINGS: ("meterreading",),
    Noun.CONTROLS: ("enddevicecontrol",),
    Noun.FIRMWARE: ("enddevice", "enddevices", "meter", "firmware", "enddevicefirmware"),
    Noun.MODULE_CONFIG: ("commodule", "communicationmodule", "module"),
    Noun.USAGE_POINT_CONFIG: ("usagepoint",),
}
"""Which children of a noun's element are its parts."""

OTHER_STANDARD_NOUNS = frozenset(
    {
        "auxiliaryagreementconfig",
        "billingdeterminants",
        "customeraccountconfig",
        "customeragreementconfig",
        "customerconfig",
        "customermeterdataset",
        "enddevicegroups",
        "meterreadschedule",
        "meterservicerequests",
        "pandemandresponse",
        "pandisplaymessaging",
        "panpricing",
        "panprepayment",
        "pricingstructureconfig",
        "readingtypeconfig",
        "receiptrecord",
        "servicecategoryconfig",
        "servicelocationconfig",
        "servicesupplierconfig",
        "transactionrecord",
        "usagepointgroups",
        "usagepointlocationconfig",
    }
)
"""Nouns of the standard that are known, and not read."""

DEFAULT_IGNORED_NOUNS = (
    "AuxiliaryAgreementConfig",
    "BillingDeterminants",
    "CustomerAccountConfig",
    "CustomerAgreementConfig",
    "CustomerConfig",
    "CustomerMeterDataSet",
    "EndDeviceGroups",
    "MeterReadSchedule",
    "PanDemandResponse",
    "PanDisplayMessaging",
    "PanPrepayment",
    "PanPricing",
    "PricingStructureConfig",
    "ReadingTypeConfig",
    "ReceiptRecord",
    "ServiceCategoryConfig",
    "ServiceSupplierConfig",
    "TransactionRecord",
    "UsagePointGroups",
)
"""Nouns of customers, prices and schedules: nothing in them is of a device. A source may ignore others."""

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_ROOT_VERB = re.compile(
    r"(created?|changed?|closed?|deleted?|cancell?e?d?|executed?|get|reply|send|publish|receive|notify)"
)
_KINDS = ("request", "response", "event", "fault", "")
_KIND_ENDINGS = tuple(
    (f"{kind}message{ending}", kind) for kind in _KINDS for ending in ("", "type")
)


def verb_of(written: str) -> Verb:
    """Return the verb, in any case and tense."""
    return _VERBS.get(written.strip().lower(), Verb.UNKNOWN)


@remembered
def plain(written: str) -> str:
    """Lower-case letters and digits of a noun or root."""
    return _NOT_ALPHANUMERIC.sub("", written.lower())


@remembered
def is_standard(written: str) -> bool:
    """Return whether it is a noun of the standard, read or not, in any case, with or without a verb before it."""
    if noun_of(written) is not None:
        return True
    name = plain(written)
    verb = _ROOT_VERB.match(name)
    known = OTHER_STANDARD_NOUNS | {"operationset"}
    return name in known or (verb is not None and name[verb.end() :] in known)


@remembered
def noun_of(written: str) -> Noun | None:
    """Return the noun: in any case, with any blanks, singular or plural, after any verb (``SendEndDeviceEvents``)."""
    name = plain(written)
    noun = _NOUNS.get(name)
    if noun is None and name:
        verb = _ROOT_VERB.match(name)
        if verb is not None and verb.group() != "get":
            noun = _NOUNS.get(name[verb.end() :])
    return noun


class TypedRoot(NamedTuple):
    """What a root of a strongly typed WSDL says: ``CreatedEndDeviceEvents``, ``MeterReadingsFaultMessage``."""

    verb: str
    noun: str
    kind: str


@remembered
def typed_root(name: str) -> TypedRoot | None:
    """Verb, noun and kind (``request``, ``response``, ``event``, ``fault`` or ``""``) of a root's name.

    ``None`` when it is not of that form. The noun is as written, the verb in lower case.
    """
    written, name = name, name.lower()
    ending, kind = next(
        ((ending, kind) for ending, kind in _KIND_ENDINGS if name.endswith(ending)), ("", "")
    )
    stem = name.removesuffix(ending)
    written = written[: len(stem)]
    verb = _ROOT_VERB.match(stem)
    if verb is not None:
        noun = stem[verb.end() :]
        if noun in _NOUNS or noun in OTHER_STANDARD_NOUNS:
            return TypedRoot(verb.group(), written[verb.end() :], kind)
    return TypedRoot("", written, kind) if ending and stem else None
