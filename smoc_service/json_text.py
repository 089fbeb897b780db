"""JSON within a token, which anybody may have made."""

import json
from typing import Any


def read_json(text: str) -> Any:
    """Return what the JSON of a token holds, which anybody may have made; raise ``ValueError`` for what is none.

    What is nested too deeply, and text that cannot be written as UTF-8, is none.
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found
