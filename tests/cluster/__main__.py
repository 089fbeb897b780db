"""`make test-cluster`: raise a cluster with the whole park, prove what the charts promise, end it."""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from deploy.cluster.__main__ import FAILURES
from deploy.cluster.cluster import Cluster
from tests.cluster.steps import STEPS, Found, Run, Tell
from tests.cluster.world import Ports, opened
from tests.neighbours.ports import free_ports


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the cluster as it is in the end")
    parser.add_argument("--until", choices=STEPS, help="the last step to take")
    said = parser.parse_args(arguments)
    started = time.monotonic()

    def tell(text: str) -> None:
        sys.stderr.write(f"  {time.monotonic() - started:5.1f} s  {text}\n")

    try:
        cluster = Cluster.found(os.environ)
        found = _prove_once(cluster, said.until, tell, keep=said.keep)
    except FAILURES as error:
        sys.stderr.write(f"test-cluster: {error}\n")
        return 1
    for one in found.wrong:
        sys.stdout.write(f"{one}\n")
    sys.stdout.write(f"{found.line()}\n")
    return 1 if found.wrong else 0


def _prove_once(cluster: Cluster, last: str | None, tell: Tell, *, keep: bool) -> Found:
    page, login, broker, router, sidecar = free_ports(5)
    ports = Ports(page=page, login=login, broker=broker, router=router, sidecar=sidecar)
    folder = Path(tempfile.mkdtemp(prefix="mp-"))
    try:
        return _prove(cluster, ports, folder, tell, last=last)
    finally:
        shutil.rmtree(folder)
        if not keep and cluster.places is not None:
            cluster.end(erase_images_too=False)
            tell("the node is gone")


def _prove(cluster: Cluster, ports: Ports, folder: Path, tell: Tell, *, last: str | None) -> Found:
    cluster.raise_bare(tell)
    addresses = [
        *("--set", f"public.url=http://localhost:{ports.page}"),
        *("--set", f"login.issuer=http://localhost:{ports.login}/realms/meterpark"),
    ]
    values = cluster.install_demo(tell, *addresses, login=f"http://localhost:{ports.login}")

    async def prove() -> Found:
        async with opened(cluster.kubernetes, ports, folder) as world:
            run = Run(world=world, values=values, found=Found(), tell=tell)
            await _take_steps(run, last)
            return run.found

    return asyncio.run(prove())


async def _take_steps(run: Run, last: str | None) -> None:
    for name, step in STEPS.items():
        try:
            await step(run)
        # A step that fails is told, and the others are taken all the same.
        except Exception as failure:  # noqa: BLE001
            traceback.print_exc()
            run.found.wrong.append(f"{name}: {failure!r}"[:2000])
        if name == last:
            return


if __name__ == "__main__":
    sys.exit(main())
