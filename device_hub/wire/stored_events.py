"""Stored events as text for auditors: what the journal holds, word for word, but for secrets.

The connector takes secrets out before it makes a report. This is the second net, for whoever else calls the hub.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

LONGEST: Final = 16_000
LEFT_OUT: Final = "(left out: by its name a secret)"
_SECRET: Final = re.compile(
    r"pass(?:word|wd|phrase|code)|pwd|secret|credential|token"
    r"|(?:security|encryption|authentication|private|master)[ _-]?key|^(?:pin|puk|psk|kek)$",
    re.IGNORECASE,
)


def stored_text(event: Mapping[str, Any]) -> str:
    """Return one stored event as JSON, cut at ``LONGEST`` characters."""
    text = json.dumps(_open(event), ensure_ascii=False, default=_plain)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _open(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: LEFT_OUT if each and _SECRET.search(str(name)) else _open(each)
            for name, each in value.items()
        }
    return [_open(each) for each in value] if isinstance(value, list) else value


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
