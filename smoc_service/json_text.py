"""JSON in a token, which may be forged."""

import json
from typing import Any


def read_json(text: str) -> Any:
    """Return the value in the JSON of a token, which may be forged; raise ``ValueError`` for invalid JSON.

    JSON that is nested too deeply, or text that UTF-8 cannot hold, is invalid, too.
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found
