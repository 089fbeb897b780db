"""The forms in which commits are written."""

from enum import StrEnum


class Format(StrEnum):
    NDJSON = "ndjson"
    CSV = "csv"
