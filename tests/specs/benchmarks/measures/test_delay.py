"""The bench's watcher outlives a sidecar that is not found for a moment."""

from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest

from benchmarks.measures.delay import resuming
from benchmarks.trouble import BenchFailed


def not_found() -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        grpc.StatusCode.UNKNOWN,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(),
        details="no host found with the given ID",
    )


@pytest.mark.slow
async def test_a_stream_that_breaks_off_is_opened_again_where_it_was() -> None:
    left = [0, 1, 2, 3]

    async def stream() -> AsyncIterator[int]:
        yield left.pop(0)
        if len(left) > 1:
            raise not_found()
        yield left.pop(0)

    assert [one async for one in resuming(stream, patience_seconds=30)] == [0, 1, 2, 3]


async def test_a_stream_that_never_comes_ends_the_bench_with_a_sentence() -> None:
    async def stream() -> AsyncIterator[int]:
        for error in (not_found(),):
            raise error
        yield 0

    with pytest.raises(BenchFailed, match="cannot be watched: UNKNOWN: no host found"):
        async for _ in resuming(stream, patience_seconds=0):
            pass
