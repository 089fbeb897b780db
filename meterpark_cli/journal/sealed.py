"""``meterpark journal verify --sealed``: nothing in the journal was changed, removed or moved since it was written."""

import asyncio

from pymongo.errors import PyMongoError

from journal_evidence.roots import KeyUnreadable
from journal_evidence.settings import EvidenceSettings
from journal_evidence.verifying import Verified, verify
from meterpark_cli.devices.conditions import Conditions
from meterpark_cli.failures import ExitCode, Unreachable, WrongUsage
from meterpark_cli.options import Asking
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.rendering import console, show, words
from service_chassis.settings import load_settings


async def verify_sealed(asking: Asking, conditions: Conditions) -> ExitCode:
    """Look at every commit as it lies in the database; the answer is no when something is wrong."""
    if conditions != Conditions():
        raise WrongUsage("--sealed looks at the whole park: leave the other conditions out")
    settings = load_settings(EvidenceSettings)
    try:
        told = await asyncio.to_thread(verify, settings)
    except KeyUnreadable as error:
        raise WrongUsage(f"JOURNAL_EVIDENCE_PUBLIC_KEYS: {error}") from error
    except PyMongoError as error:
        raise Unreachable(
            f"the journal's database: {type(error).__name__}: {error}"[:300]
        ) from error
    if asking.as_json:
        print_document(document_of(told))
    else:
        _show(told)
    return ExitCode.ANSWER_IS_NO if told.problems else ExitCode.FINE


def document_of(told: Verified) -> dict[str, object]:
    newest = told.newest
    return {
        "devices": told.devices,
        "commits": told.commits,
        "unsealed": told.unsealed,
        "unsealed_behind_sealed": told.unsealed_behind,
        "roots": told.roots,
        "signatures_checked": told.signatures,
        "newest_root": {"day": newest.day, "digest": newest.digest.hex()} if newest else None,
        "problems": [
            {"device_id": one.device_id, "revision": one.revision, "problem": one.what}
            for one in told.problems
        ],
    }


def _show(told: Verified) -> None:
    target = console()
    for problem in told.problems:
        show(target, words(str(problem), "bold red"))
    if not told.problems:
        show(
            target,
            words(f"{told.devices:,} devices, {told.commits:,} commits: as they were written"),
        )
    if told.unsealed:
        show(target, words(f"{told.unsealed:,} commits have no seal: they are older than seals"))
    if told.unsealed_behind:
        show(
            target,
            words(
                f"{told.unsealed_behind:,} of them stand behind a sealed one: an older hub wrote them,"
                " or somebody took their seals away",
                "yellow",
            ),
        )
    if told.newest is None:
        show(
            target,
            words("there is no root: that the last commits are there is not proven", "yellow"),
        )
        return
    checked = "" if told.signatures else ", signatures not checked: no key was given"
    show(
        target,
        words(f"roots: {told.roots}{checked}; of {told.newest.day}: {told.newest.digest.hex()}"),
    )
