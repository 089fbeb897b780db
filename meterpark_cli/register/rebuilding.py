"""``meterpark register rebuild``: starts the program that works on the databases themselves."""

import asyncio
import sys

import typer

from meterpark_cli.failures import ExitCode, WrongUsage
from meterpark_cli.showing.rendering import note

# Not imported: the command knows no service, and this program is made of two.
_PROGRAM = "register_rebuild"


async def rebuild_register(*, only_look: bool, as_json: bool, without_asking: bool) -> ExitCode:
    """Run it, and end as it ends. Raises WrongUsage when nobody can be asked and nobody agreed."""
    if not only_look and not without_asking:
        if as_json or not sys.stdin.isatty():
            raise WrongUsage("no terminal to ask in: add --yes, or --dry-run to change nothing")
        if not typer.confirm("Make devices of the register again where they differ?", err=True):
            note("nothing was done")
            return ExitCode.ANSWER_IS_NO
    words = [*(["--dry-run"] if only_look else []), *(["--json"] if as_json else [])]
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", _PROGRAM, *words)
    try:
        code = await running.wait()
    except asyncio.CancelledError:
        # Ctrl-C reaches both; a device is made again as a whole, or not at all.
        await running.wait()
        raise
    return ExitCode(code) if code in set(ExitCode) else ExitCode.UNREACHABLE
