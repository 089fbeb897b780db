"""Parents: a report may give a parent's name in any form; it is replaced by the park's own name for that device.

An unknown parent stays as it was named; the next statement about it finds it.
"""

from collections.abc import Sequence

from meterpark.device_hub.v1.report_pb2 import Configuration, Linkage, Report

from device_hub.device.values import Identifier
from device_hub.identities.rules.claims import Claims, Follow, Look, StoredClaims
from device_hub.identities.rules.names import UNKNOWN, look_of
from device_hub.identities.rules.owners import owner_among
from device_hub.identities.stored.cache import Cache


def names_parent(report: Report) -> bool:
    return bool(_child(report).parent)


async def name_parents(
    reports: Sequence[Report], cache: Cache, claims: StoredClaims, follow: Follow
) -> None:
    """Give each report that names a parent the identifier of that device; one query for all that are not cached."""
    naming = [report for report in reports if names_parent(report)]
    known: dict[Look, Claims] = {}
    missing: set[Look] = set()
    for report in naming:
        look = _look(report)
        cached = cache.get(look)
        if cached is None:
            missing.add(look)
        else:
            known[look] = cached
    if missing:
        forgotten = cache.forgotten
        found = await claims.find(missing)
        for look in missing:
            known[look] = {claim.identifier: claim for claim in found.get(look, ())}
            cache.put(look, known[look], forgotten=forgotten)
    for report in naming:
        child = _child(report)
        called = Identifier(UNKNOWN, child.parent)
        device_id = owner_among(known[_look(report)], report.network, called, follow)
        if device_id is not None:
            child.parent = device_id.partition("/")[2]


def _child(report: Report) -> Configuration | Linkage:
    if report.WhichOneof("content") == "linkage":
        return report.linkage
    return report.configuration if report.HasField("configuration") else Configuration()


def _look(report: Report) -> Look:
    return report.network, look_of(_child(report).parent)
