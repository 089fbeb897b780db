"""``python -m register_rebuild``: what ``meterpark register rebuild`` starts.

It works on the two databases themselves (DEVICE_HUB_MONGODB_..., SMOC_SERVICE_MONGODB_..., as the services have them),
so it needs no service, and disturbs none.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from typing import Final

import uvloop
from pymongo.errors import PyMongoError

from device_hub.journal.journal import Journal, open_collection
from device_hub.rebuild import open_client as open_hub
from device_hub.settings import DatabaseSettings as HubSettings
from park_backup.half_restored import HalfRestored, refuse_half_restored
from register_rebuild.rebuilding import Progress, RegisterRebuild
from service_chassis.settings import load_settings
from smoc_service.database import prepare
from smoc_service.mongodb import open_client as open_smoc
from smoc_service.settings import DatabaseSettings as SmocSettings

EXIT_ANSWER_IS_NO: Final = 1
EXIT_UNREACHABLE: Final = 3
_TELL_SECONDS: Final = 5.0


async def rebuild(hub: HubSettings, smoc: SmocSettings, *, only_look: bool) -> Progress:
    """Rebuild, and say on standard error how far it is."""
    told_at = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELL_SECONDS:
            told_at = time.monotonic()
            sys.stderr.write(f"{line(progress)}\n")

    async with (
        open_hub(hub) as of_hub,
        open_smoc(smoc.mongodb_url.get_secret_value(), **smoc.login) as of_smoc,
    ):
        journal, register = of_hub[hub.mongodb_database], of_smoc[smoc.mongodb_database]
        await refuse_half_restored(journal)
        await refuse_half_restored(register)
        if not only_look:
            # Its indexes, if the service has not made them yet.
            await prepare(register)
        commits = open_collection(journal, "commits")
        made = RegisterRebuild(
            Journal(commits, now=lambda: datetime.now(UTC)), commits, of_smoc, register.name
        )
        return await made.run(tell, only_look=only_look)


def line(progress: Progress) -> str:
    return (
        f"{progress.devices:,} of about {progress.expected:,} devices: {progress.differing:,} differ,"
        f" {progress.rebuilt:,} made again, {progress.problem_count:,} could not be"
    )


def document(progress: Progress) -> dict[str, object]:
    return {
        "devices": progress.devices,
        "differing": progress.differing,
        "rebuilt": progress.rebuilt,
        "equal": progress.is_equal,
        "digest": progress.digest,
        "problem_count": progress.problem_count,
        "problems": [{"device_id": one, "problem": why} for one, why in progress.problems],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="meterpark register rebuild", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="change nothing: say what differs")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    hub, smoc = load_settings(HubSettings), load_settings(SmocSettings)
    try:
        progress = uvloop.run(rebuild(hub, smoc, only_look=asked.dry_run))
    except (PyMongoError, HalfRestored) as error:
        sys.stderr.write(
            f"register rebuild: a database is in trouble, call it again: {error}"[:300] + "\n"
        )
        return EXIT_UNREACHABLE
    if asked.json:
        sys.stdout.write(json.dumps(document(progress), indent=2) + "\n")
    else:
        for device_id, why in progress.problems:
            sys.stdout.write(f"{device_id}: {why}\n")
        sys.stdout.write(f"{line(progress)}\n")
        equal = "is" if progress.is_equal else "is not"
        sys.stdout.write(f"the register {equal} what the journal says (digest {progress.digest})\n")
    return 0 if progress.is_equal else EXIT_ANSWER_IS_NO


if __name__ == "__main__":
    raise SystemExit(main())
