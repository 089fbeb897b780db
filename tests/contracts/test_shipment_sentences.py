"""The page knows what the register says of a row of a shipment file that cannot be imported, to say it in German."""

import re
from pathlib import Path

import pytest

from smoc_service.imports.core.lines import Unreadable
from smoc_service.imports.core.rows import ShipmentReading

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "bff" / "web" / "src" / "app" / "intake" / "imports" / "row-detail.ts"
PATTERNS = re.findall(r"^  \[/(\^.*\$)/, ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
NAMES = "serial,model,network,lot,latitude,longitude\n"


def said_of(content: str | bytes) -> str:
    """Return what the register says of the file, or of its last row."""
    reading = ShipmentReading(networks=frozenset({"north"}))
    file = content if isinstance(content, bytes) else content.encode()
    try:
        return [*reading.feed(file), *reading.end()][-1].detail
    except Unreadable as unreadable:
        return str(unreadable)


@pytest.mark.parametrize(
    "content",
    [
        NAMES + ",E450,north,,,\n",
        NAMES + "LGZ1,E450,North,,,\n",
        NAMES + "LGZ1,E450,south,,,\n",
        NAMES + "LGZ1,E450,north\n",
        NAMES + f"{'9' * 129},E450,north,,,\n",
        NAMES + f"LGZ1,{'E' * 257},north,,,\n",
        NAMES + "LGZ/1,E450,north,,,\n",
        NAMES + "LGZ\x001,E450,north,,,\n",
        NAMES + "1.23457E+11,E450,north,,,\n",
        NAMES + "LGZ1,E450,north,,95,8.5\n",
        NAMES + "LGZ1,E450,north,,47.3,\n",
        NAMES + "LGZ1,E450,north,,0,0\n",
        NAMES + 2 * "LGZ1,E450,north,,,\n",
        "",
        NAMES,
        "LGZ1,E450,north\n",
        "serial,model\nLGZ1,E450\n",
        "serial,model,network,colour\nx",
        "serial,model,network,\nx",
        "serial,model,network,model\nx",
        "\ufeff".encode("utf-16"),
        NAMES.encode() + b"LGZ\xe41,E450,north,,,\n",
        NAMES + "x" * 100_000,
        NAMES + '"LGZ1,E450,north,,,\n',
        NAMES + '"LGZ1"2,E450,north,,,\n',
        '"serial"x,model,network\nx',
    ],
)
def test_the_page_knows_what_is_wrong_with_a_row(content: str | bytes) -> None:
    said = said_of(content)
    assert said
    assert any(re.fullmatch(pattern, said) for pattern in PATTERNS), said
