"""The supergraphs, from the bff's committed schema; composed without a network, and checked in."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from deploy.runtime.node import ROUTER_SOURCE
from deploy.runtime.paths import RuntimeMissing, installed_node, installed_router_packages

_ROOT = Path(__file__).resolve().parents[1]
SCHEMA: Final = _ROOT / "bff" / "schema.graphql"
COMMITTED: Final = ROUTER_SOURCE
# For our router, and for one that may not read authorization directives.
SUPERGRAPHS: Final = ("supergraph.graphql", "supergraph.plain.graphql")


class NotComposed(Exception):
    """The schema does not compose; the text says where and why."""


def compose(schema: Path, folder: Path) -> None:
    """Write both supergraphs of `schema` into `folder`.

    Raises:
        NotComposed: they were left as they are.
        RuntimeMissing: `make runtime` was not run.
    """
    answer = subprocess.run(
        [
            *(installed_node(os.environ), "--import", (ROUTER_SOURCE / "packages.mjs").as_uri()),
            *(ROUTER_SOURCE / "compose.mjs", schema, folder),
        ],
        env={**os.environ, "ROUTER_PACKAGES": str(installed_router_packages(os.environ))},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise NotComposed(answer.stderr.strip())


def main() -> int:
    try:
        compose(SCHEMA, COMMITTED)
    except (NotComposed, RuntimeMissing) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(str((COMMITTED / name).relative_to(_ROOT)) for name in SUPERGRAPHS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
