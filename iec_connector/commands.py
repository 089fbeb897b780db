"""For the integration engineer: is this configuration right, and what does the connector read in this file?"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iec_connector.code_report import CodeReport
from iec_connector.sources.configuration import (
    Configuration,
    ConfigurationInvalid,
    SourceSettings,
    load_configuration,
)
from iec_connector.sources.sources import load_codes, load_words, read_password, to_source
from iec_connector.understanding import (
    FixedNetwork,
    Report,
    Source,
    Unreadable,
    load_event_codes,
    understand,
)

EXIT_WRONG = 2
EXIT_UNREADABLE = 1


def check(file: Path) -> int:
    """Print OK, or one line that says what is wrong."""
    try:
        configuration = load_configuration(file)
        load_codes(configuration)
        load_words(configuration)
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
        event_codes, words = load_codes(configuration), load_words(configuration)
        settings = _source_of(configuration, source_name)
    except ConfigurationInvalid as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG
    source = to_source(settings, event_codes, words)
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
            answer: dict[str, Any] = {
                "file": str(path),
                "unreadable": str(error.reason),
                "detail": error.detail,
                "place": error.place,
            }
        else:
            code = code or (EXIT_UNREADABLE if found.problems else 0)
            answer = {
                "file": str(path),
                **asdict(found),
                "reports": [_shown(report) for report in found.reports],
            }
        sys.stdout.write(json.dumps(answer, default=str, indent=2, ensure_ascii=False) + "\n")
    return code


def _shown(report: Report) -> dict[str, Any]:
    """A report as it is printed; ``planned`` marks what takes effect later."""
    later = report.occurred_at is not None and report.occurred_at > report.received_at
    return asdict(report) | ({"planned": True} if later and report.said_at else {})


def codes(files: Sequence[Path], configuration: Path | None, source_name: str) -> int:
    """Print which event codes and status words of files have a meaning; 1 when one has none or a file is not read."""
    try:
        source = _any_source() if configuration is None else _configured(configuration, source_name)
    except ConfigurationInvalid as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG
    report = CodeReport(source)
    for path in files:
        try:
            report.add_file(path)
        except OSError as error:
            sys.stderr.write(f"{path}: cannot be read: {error.strerror}\n")
            return EXIT_WRONG
    for line in report.lines():
        sys.stdout.write(f"{line}\n")
    return EXIT_UNREADABLE if report.unknown or report.unreadable else 0


def _any_source() -> Source:
    """A source without settings of its own: the tables that come with the connector, and any network."""
    return Source(name="my-source", network=FixedNetwork(network="any"), codes=load_event_codes())


def _configured(file: Path, name: str) -> Source:
    configuration = load_configuration(file)
    return to_source(
        _source_of(configuration, name), load_codes(configuration), load_words(configuration)
    )


def _source_of(configuration: Configuration, name: str) -> SourceSettings:
    for source in configuration.sources:
        if name in ("", source.name):
            return source
    known = ", ".join(source.name for source in configuration.sources)
    raise ConfigurationInvalid(f"there is no source {name!r}; the file has {known}")
