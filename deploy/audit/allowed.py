"""What `allowed.toml` allows."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).parent / "allowed.toml"
_Reason = Field(min_length=10)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LicenceException(_Strict):
    """A component whose licence is not on the list, or not in its metadata."""

    component: str
    licence: str
    reason: str = _Reason


class AcceptedVulnerability(_Strict):
    """A vulnerability that is known and does not matter here; `id` as the database names it."""

    id: str
    component: str
    reason: str = _Reason


class KnownSecret(_Strict):
    """Something that looks like a secret and is none; `sha1` is that of the text, as the scanner prints it."""

    file: str
    sha1: str
    reason: str = _Reason


class Allowed(_Strict):
    licences: frozenset[str]
    # Of the programs of the runtime, which carry no metadata.
    runtime_licences: dict[str, str]
    licence_exceptions: list[LicenceException] = []
    accepted_vulnerabilities: list[AcceptedVulnerability] = []
    secrets_that_are_none: list[KnownSecret] = []
    # By how the name of a jar begins, for jars that do not say their group themselves.
    maven_groups: dict[str, str]


def read_allowed(file: Path = _FILE) -> Allowed:
    """Read the file; a wrong entry is a ValidationError that names it."""
    return Allowed.model_validate(tomllib.loads(file.read_text()))
