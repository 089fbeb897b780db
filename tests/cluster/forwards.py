"""Ports of this machine that lead into the cluster, as a person has them: `kubectl port-forward`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.cluster.kubernetes import Kubernetes


class Forward:
    """A port that leads to what `target` names; when its pod ends, to the next one."""

    def __init__(self, cluster: Kubernetes, namespace: str, target: str, ports: str) -> None:
        self._words = ("-n", namespace, "port-forward", target, ports)
        self._cluster = cluster
        self._port = int(ports.partition(":")[0])

    async def keep(self) -> None:
        """Forward until cancelled."""
        while True:
            process = await asyncio.create_subprocess_exec(
                str(self._cluster.kubectl_program),
                *self._words,
                env=self._cluster.environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                await process.wait()
                # No pod is there to lead to.
                await asyncio.sleep(0.3)
            finally:
                if process.returncode is None:
                    process.terminate()
                    await process.wait()

    async def opened(self) -> None:
        """Return when this machine's end is there."""
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


@asynccontextmanager
async def forwarded(*forwards: Forward) -> AsyncIterator[None]:
    keeping = [asyncio.create_task(one.keep()) for one in forwards]
    try:
        async with asyncio.timeout(60):
            for one in forwards:
                await one.opened()
        yield
    finally:
        for task in keeping:
            task.cancel()
        for task in keeping:
            with contextlib.suppress(asyncio.CancelledError):
                await task
