"""Fits a report into the hub's limits: longer texts end with an ellipsis, and what does not fit is counted.

The hub refuses a larger report for ever, so one meter with a hundred long names could never be reported. Texts that
distinguish devices or events are cut last.
"""

from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from meterpark.device_hub.v1 import report_pb2

from contract_limits import REPORT_BYTES
from iec_connector.understanding.naming.identity import clipped

# Codes and identifiers have 128 characters at most, so that the first steps leave them alone.
_STEPS: Final = (1024, 512, 256, 128)
_LAST_STEPS: Final = (64, 32)
_MORE: Final = "…"
# What the line about the rest takes, with its lengths.
_MORE_BYTES: Final = 64


def fitted(report: report_pb2.Report) -> report_pb2.Report:
    """Return ``report``, shortened in place until it has at most ``REPORT_BYTES``."""
    if report.ByteSize() <= REPORT_BYTES:
        return report
    content = getattr(report, str(report.WhichOneof("content")))
    for longest in _STEPS:
        _shorten(content, longest)
        if report.ByteSize() <= REPORT_BYTES:
            return report
    _drop_entries(report, content)
    for longest in _LAST_STEPS:
        if report.ByteSize() > REPORT_BYTES:
            _shorten(content, longest)
    return report


def _shorten(content: Any, longest: int) -> None:
    for field, value in content.ListFields():
        if _is_map(field):
            for key in list(value):
                value[key] = clipped(value[key], longest)
        elif field.type == FieldDescriptor.TYPE_STRING:
            setattr(content, field.name, clipped(value, longest))


def _drop_entries(report: report_pb2.Report, content: Any) -> None:
    """Drop as many entries of maps as it takes, the last by their names first, and say how many."""
    for field, entries in reversed(content.ListFields()):
        if not _is_map(field):
            continue
        dropped = 0
        for key in sorted(entries, reverse=True):
            if report.ByteSize() + (_MORE_BYTES if dropped else 0) <= REPORT_BYTES:
                break
            del entries[key]
            dropped += 1
        if dropped:
            entries[_MORE] = f"{dropped} more are not kept"


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry
