"""For the integration engineer: is this configuration right, and what does the connector read in this file?"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from iec_connector.configuration import (
    Configuration,
    ConfigurationInvalid,
    SourceSettings,
    load_configuration,
)
from iec_connector.sources import load_codes, read_password, to_source
from iec_connector.understanding import Unreadable, understand

EXIT_WRONG = 2
EXIT_UNREADABLE = 1


def check(file: Path) -> int:
    """Say OK, or in one line what is wrong."""
    try:
        configuration = load_configuration(file)
        load_codes(configuration)
        for source in configuration.sources:
            read_password(source)
    except ConfigurationInvalid as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG
    for source in configuration.sources:
        destinations = ", ".join(source.destinations)
        sys.stdout.write(f"OK: {source.name}: {source.broker.url} {destinations}\n")
    return 0


def read(file: Path, messages: Sequence[Path], source_name: str) -> int:
    """Print as JSON what the connector understands from message files; 1 when one cannot be read wholly."""
    try:
        configuration = load_configuration(file)
        codes = load_codes(configuration)
        settings = _source_of(configuration, source_name)
    except ConfigurationInvalid as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG
    source = to_source(settings, codes)
    destination = settings.destinations[0].partition("?")[0]
    code = 0
    for path in messages:
        try:
            body = path.read_bytes()
        except OSError as error:
            sys.stderr.write(f"{path}: cannot be read: {error.strerror}\n")
            return EXIT_WRONG
        try:
            found = understand(body, source, received_at=datetime.now(UTC), destination=destination)
        except Unreadable as error:
            code = EXIT_UNREADABLE
            answer = {
                "file": str(path),
                "unreadable": str(error.reason),
                "detail": error.detail,
                "place": error.place,
            }
        else:
            code = code or (EXIT_UNREADABLE if found.problems else 0)
            answer = {"file": str(path), **asdict(found)}
        sys.stdout.write(json.dumps(answer, default=str, indent=2, ensure_ascii=False) + "\n")
    return code


def _source_of(configuration: Configuration, name: str) -> SourceSettings:
    for source in configuration.sources:
        if name in ("", source.name):
            return source
    known = ", ".join(source.name for source in configuration.sources)
    raise ConfigurationInvalid(f"no source is called {name!r}; there are {known}")
