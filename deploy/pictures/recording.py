"""Recordings of the terminal: what a command printed, with its colours, as an SVG."""

import contextlib
import io
import os
import pty
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

_LINES = 60
# Rich's own form names a font on a foreign server; a reader's browser shall load nothing from there.
_FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-family: "DejaVu Sans", Arial, sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def record(command: Sequence[str], *, columns: int) -> str:
    """Run ``command`` in a terminal that is ``columns`` wide, and return all that it wrote.

    Raises:
        subprocess.CalledProcessError: it did not end with 0.
    """
    mine, its = pty.openpty()
    termios.tcsetwinsize(its, (_LINES, columns))
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(command, stdin=its, stdout=its, env=environment) as process:
        os.close(its)
        said = b""
        # On Linux a terminal without a writer ends with an error.
        with contextlib.suppress(OSError):
            while piece := os.read(mine, 65_536):
                said += piece
        os.close(mine)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, said)
    return said.decode()


def write_picture(said: str, target: Path, *, title: str, columns: int) -> None:
    """Write what a command ``said`` as an SVG of a terminal window."""
    paper = Console(
        record=True,
        width=columns,
        file=io.StringIO(),
        color_system="truecolor",
        force_terminal=True,
    )
    paper.print(Text.from_ansi(said.replace("\r\n", "\n").rstrip()))
    drawn = paper.export_svg(title=title, theme=MONOKAI, code_format=_FORM, unique_id=target.stem)
    target.write_text("\n".join(line.rstrip() for line in drawn.splitlines()) + "\n")
