"""What is measured of a register full of devices; each gives seconds."""

import asyncio
import time
from typing import Any, Final
from uuid import uuid4

from meterpark.smoc.v1 import device_service_pb2 as contract
from meterpark.smoc.v1 import import_service_pb2 as imports

from benchmarks.register.asking import Asking
from benchmarks.register.questions import PAGE, Questions
from benchmarks.register.waiting import until
from benchmarks.trouble import BenchFailed
from hes_simulator.park.devices import Park

_CHUNK_BYTES: Final = 512 * 1024
_PAGE_QUERY: Final = """
query Page($filter: DeviceFilterInput, $first: Int!) {
  devices(filter: $filter, first: $first) {
    totalCount
    edges { node { deviceId serialNumber model area lifecycle { value asOf } power { value asOf } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


async def searches(asking: Asking, questions: Questions, count: int) -> list[float]:
    """Seconds of each search: three facets, the first page of 50 and the counts of six dimensions, asked together."""
    taken = []
    for _ in range(count):
        wanted = questions.three_facets()
        began = time.perf_counter()
        await asyncio.gather(
            asking.call(asking.devices.ListDevices, questions.page(wanted)),
            asking.call(asking.devices.CountDevices, questions.counts(wanted)),
        )
        taken.append(time.perf_counter() - began)
    return taken


async def pages(asking: Asking, questions: Questions, count: int) -> list[float]:
    """Seconds of each first page with three facets, without counts."""
    return [
        await asking.timed(asking.devices.ListDevices, questions.page(questions.three_facets()))
        for _ in range(count)
    ]


async def summaries(asking: Asking, count: int) -> list[float]:
    request = contract.GetParkSummaryRequest(change_count=10)
    return [await asking.timed(asking.devices.GetParkSummary, request) for _ in range(count)]


async def router_pages(asking: Asking, questions: Questions, count: int) -> list[float]:
    """Seconds of each first page of 50 through router, bff and both sidecars, with three facets."""
    taken = []
    for _ in range(count):
        wanted = {_graph_name(name): values for name, values in questions.three_facets().items()}
        began = time.perf_counter()
        await asking.graph(_PAGE_QUERY, {"filter": wanted, "first": PAGE})
        taken.append(time.perf_counter() - began)
    return taken


async def import_seconds(asking: Asking, rows: int) -> float:
    """Send a shipment file of `rows` new meters, check it and import it; return the seconds for all of it."""
    park = Park(network="shipment", size=rows, seed=time.time_ns() % 10**6)
    lines = ["serial,model,lot,network,area"]
    lines += [
        f"{each.serial_number},{each.model.number},{each.lot},{each.network},{each.area}"
        for each in park.devices()
    ]
    content = ("\n".join(lines) + "\n").encode()
    began = time.perf_counter()
    created = await asking.call(
        asking.imports.CreateImport,
        imports.CreateImportRequest(request_id=str(uuid4()), file_name="bench.csv"),
    )
    import_id = created.shipment_import.import_id
    for offset in range(0, len(content), _CHUNK_BYTES):
        piece = content[offset : offset + _CHUNK_BYTES]
        await asking.call(
            asking.imports.AppendImportChunk,
            imports.AppendImportChunkRequest(import_id=import_id, offset=offset, content=piece),
        )
    request = imports.GetImportRequest(import_id=import_id)

    async def look() -> Any:
        return (await asking.call(asking.imports.GetImport, request)).shipment_import

    await asking.call(asking.imports.CheckImport, imports.CheckImportRequest(import_id=import_id))
    checked = await until(
        look, lambda found: found.state != imports.IMPORT_STATE_CHECKING, "the check of the import"
    )
    if checked.ready_count != rows:
        raise BenchFailed(f"{checked.ready_count} of {rows} rows are ready: {checked.detail}")
    await asking.call(asking.imports.RunImport, imports.RunImportRequest(import_id=import_id))
    done = await until(look, lambda found: found.state == imports.IMPORT_STATE_DONE, "the import")
    if done.imported_count != rows:
        raise BenchFailed(f"{done.imported_count} of {rows} rows were imported")
    return time.perf_counter() - began


def _graph_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
