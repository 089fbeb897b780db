"""Draw the pictures of the docs again, or record a command of the running stack.

python -m deploy.pictures               draws every docs/pictures/*.dot
python -m deploy.pictures record park meterpark park --changes 8
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.pictures.drawing import FOLDER, GraphvizMissing, draw
from deploy.pictures.recording import record, write_picture

_COLUMNS = 100
_PROGRAMS = Path(sys.executable).parent


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.pictures", description=__doc__.partition("\n")[0]
    )
    verbs = parser.add_subparsers(dest="verb")
    recording = verbs.add_parser("record", help="run a command and keep what it prints as NAME.svg")
    recording.add_argument("name", help="of the picture, in docs/pictures")
    recording.add_argument("command", nargs=argparse.REMAINDER, help="the command and its options")
    said = parser.parse_args(arguments)
    try:
        if said.verb == "record":
            _record(said.name, said.command)
        else:
            for source in sorted(FOLDER.glob("*.dot")):
                print(draw(source).relative_to(FOLDER.parents[1]))
    except (GraphvizMissing, subprocess.CalledProcessError) as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


def _record(name: str, command: Sequence[str]) -> None:
    program, *rest = command
    own = _PROGRAMS / program
    said = record([str(own) if own.is_file() else program, *rest], columns=_COLUMNS)
    target = FOLDER / f"{name}.svg"
    write_picture(said, target, title=" ".join(command), columns=_COLUMNS)
    print(target.relative_to(FOLDER.parents[1]))


if __name__ == "__main__":
    sys.exit(main())
