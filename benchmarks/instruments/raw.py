"""Every sample of a run, kept in a file of its own, so that other figures can be made of it later."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path


def keep(folder: Path, verb: str, began_at: datetime, samples: Mapping[str, object]) -> Path:
    """Write ``samples`` into a new file below ``folder``, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{verb}-{began_at:%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(samples, indent=1))
    return file
