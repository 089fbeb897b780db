"""Stored devices as rows of the park's index: which fields are read, and where they go in the index."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from bson import CodecOptions

from smoc_service.park.index import Rows
from smoc_service.register.device import FACETS
from smoc_service.register.milestones import MILESTONES, ordinal_day
from smoc_service.register.place import place_of

# Texts of a device that many share; named alike in the contract, in the stored document and in the index.
ATTRIBUTE_CATEGORIES: Final = (
    "model",
    "manufacturer",
    "communication_technology",
    "firmware_version",
    "area",
)
MARKED: Final = "marked_for_exchange"
YES, NO = "true", "false"

# Words that depend on each other, so that there are few combinations; facets in their order.
GROUPS: Final = (tuple(FACETS), ATTRIBUTE_CATEGORIES[:4], ("area",), ("tag", MARKED))
WORD_ORDER: Final = FACETS
# What devices can be counted by, as the contract names it.
DIMENSIONS: Final = (*FACETS, "network", *ATTRIBUTE_CATEGORIES, "tag", MARKED)

# Moments by the names that the contract sorts by: those of facets, and those of the device itself.
AS_OF: Final = {f"{name}.as_of_time": name for name in FACETS}
MOMENTS: Final = {
    "last_contact_time": "last_contact_at",
    "first_seen_time": "first_seen_at",
    "update_time": "updated_at",
}
_KEYS: Final = ("serial_number", "usage_point", "parent")
# Texts that are searched by beginning and end, besides the names.
_SEARCHED: Final = ("serial_number", "device_identifier", "utility_number")

# A device's past: the day of each milestone, in days since 1970-01-01 (0: none), and ``past.ContactDays``.
MILESTONE_DAYS: Final = {name: f"{name}_day" for name in MILESTONES}
CONTACT_UNTIL: Final = "contact_until"
CONTACT_BITS: Final = "contact_bits"
_NEVER_HEARD: Final[Mapping[str, int]] = {"until": 0, "bits": 0}

# The fields that are read of a stored device.
FIELDS: Final = (
    "network",
    *_SEARCHED,
    "usage_point",
    "parent",
    "names.value",
    "names_of_joined",
    "joined_into",
    *ATTRIBUTE_CATEGORIES,
    *MOMENTS.values(),
    *(f"{name}.{part}" for name in FACETS for part in ("value", "as_of")),
    "work.tags",
    "work.exchange.at",
    "milestones",
    "contact_days",
    "latitude",
    "longitude",
)
CODEC: Final[CodecOptions[Mapping[str, Any]]] = CodecOptions(tz_aware=True)


def rows_from(documents: Sequence[Mapping[str, Any]]) -> Rows:
    """Return the rows of stored devices, read with ``CODEC``; of one that is given twice, the last.

    One that is joined into another is gone: it is found, listed and counted as that one, by the names of both.
    """
    if len({document["_id"] for document in documents}) < len(documents):
        documents = list({document["_id"]: document for document in documents}.values())
    gone = [document["_id"] for document in documents if "joined_into" in document]
    if gone:
        documents = [document for document in documents if "joined_into" not in document]
    facets = {name: [document[name] for document in documents] for name in FACETS}
    works = [document.get("work") or {} for document in documents]
    return Rows(
        device_ids=[document["_id"] for document in documents],
        gone=gone,
        networks=[document["network"] for document in documents],
        words={
            **{name: list(map(itemgetter("value"), facets[name])) for name in FACETS},
            **{name: _texts(documents, name) for name in ATTRIBUTE_CATEGORIES},
            MARKED: [YES if work.get("exchange") else NO for work in works],
        },
        tags=[tuple(work.get("tags", ())) for work in works],
        moments={
            **{name: _moments(facets[facet], "as_of") for name, facet in AS_OF.items()},
            **{name: _moments(documents, field) for name, field in MOMENTS.items()},
        },
        numbers=_past(documents),
        keys={name: _texts(documents, name) for name in _KEYS},
        texts=[
            (
                *(document.get(name, "") for name in _SEARCHED),
                *(pair["value"] for pair in document["names"]),
                *document.get("names_of_joined", ()),
            )
            for document in documents
        ],
        places=[place_of(document) for document in documents],
    )


def _texts(documents: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return [document.get(name, "") for document in documents]


def _moments(documents: Sequence[Mapping[str, Any]], name: str) -> list[datetime | None]:
    return [document.get(name) for document in documents]


def _past(documents: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    milestones = [document.get("milestones") or {} for document in documents]
    contacts = [document.get("contact_days") or _NEVER_HEARD for document in documents]
    return {
        **{
            column: [ordinal_day(each[name]) if name in each else 0 for each in milestones]
            for name, column in MILESTONE_DAYS.items()
        },
        CONTACT_UNTIL: [each["until"] for each in contacts],
        CONTACT_BITS: [each["bits"] for each in contacts],
    }
