"""The configuration file: which head-end systems are read, where, and how. Checked before anything starts."""

from datetime import date, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from contract_limits import MIB, REPORTS_PER_CALL
from iec_connector.understanding import is_network
from iec_connector.understanding.identifiers import SHARED_TYPES, Spelling, plain_type
from iec_connector.understanding.nouns import DEFAULT_IGNORED_NOUNS
from iec_connector.understanding.source import DEFAULT_DEVICE_IDENTIFIERS, DEFAULT_NAMESPACES
from jms_transport import Address, Destination


class ConfigurationInvalid(Exception):
    """The file cannot be used. One line: which key, what is wrong, what is expected."""


def _network(name: str) -> str:
    if not is_network(name):
        raise ValueError(
            f"{name!r} is not a network: use lower-case letters, digits and '-', at most 63, e.g. north"
        )
    return name


def _to_subscribe(text: str) -> str:
    Destination.to_subscribe(text)
    return text


def _broker_url(text: str) -> str:
    Address.parse(text)
    return text


def _reply_destination(text: str) -> str:
    Destination.parse(text.removesuffix("*") + "X" if text.endswith("*") else text)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"{name!r} is not a time zone: use one of the tz database, e.g. Europe/Zurich"
        ) from error
    return name


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _name_type(name: str) -> str:
    kind = plain_type(name)
    if kind in {"", "name", "*"}:
        raise ValueError(f"{name!r} is no kind of names: write a NameType, e.g. MeterUniqueID")
    if kind in SHARED_TYPES:
        raise ValueError(f"{name!r} is what many devices are called: it identifies none of them")
    return name


def _spelling(value: Any) -> Any:
    return [] if value == "as-written" else _one_or_many(value)


def _spelling_rule(value: Any) -> Any:
    known = [rule.value for rule in Spelling]
    if value not in known:
        raise ValueError(f"{value!r} is none of as-written (alone), {', '.join(known)}")
    return value


Network = Annotated[str, AfterValidator(_network)]
Subscribable = Annotated[str, AfterValidator(_to_subscribe)]
BrokerUrl = Annotated[str, AfterValidator(_broker_url)]
ReplyDestination = Annotated[str, AfterValidator(_reply_destination)]
Zone = Annotated[str, AfterValidator(_zone)]
ClockStart = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2100, 1, 1))]
SpellingRule = Annotated[Spelling, BeforeValidator(_spelling_rule)]
NameType = Annotated[str, AfterValidator(_name_type)]
Names = Annotated[list[str], BeforeValidator(_one_or_many), Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TlsSettings(_Section):
    """PEM files; paths are relative to the configuration file."""

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


class BrokerSettings(_Section):
    url: BrokerUrl
    user: str = ""
    password_file: Path | None = None
    tls: TlsSettings = TlsSettings()
    client_id: str = ""

    @model_validator(mode="after")
    def _complete(self) -> "BrokerSettings":
        if bool(self.user) != bool(self.password_file):
            raise ValueError(
                "user and password_file belong together: set both, or neither (anonymous)"
            )
        if self.tls != TlsSettings() and not Address.parse(self.url).with_tls:
            raise ValueError(
                f"tls is set, but {self.url} is a plain connection: use amqps:// or ssl://"
            )
        if self.tls.key_file and not self.tls.certificate_file:
            raise ValueError("tls.key_file is set without tls.certificate_file")
        return self


class NetworkSettings(_Section):
    """Exactly one way to find the network."""

    fixed: Network | None = None
    by_destination: dict[str, Network] | None = None
    in_message: Literal["header-source", "property", "name-type-authority"] | None = None
    property_name: str = ""
    spellings: dict[str, Network] = {}
    allowed: list[Network] = []

    @model_validator(mode="after")
    def _one_way(self) -> "NetworkSettings":
        ways = [self.fixed, self.by_destination, self.in_message]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("set exactly one of fixed, by_destination and in_message")
        if (self.in_message == "property") != bool(self.property_name):
            raise ValueError("property_name is only for in_message: property")
        if self.in_message is None and (self.spellings or self.allowed):
            raise ValueError("spellings and allowed are only for in_message")
        return self


class LimitSettings(_Section):
    message_bytes: int = Field(default=8 * MIB, ge=1024, le=100 * MIB)
    inflated_bytes: int = Field(default=64 * MIB, ge=1024, le=512 * MIB)
    depth: int = Field(default=64, ge=8, le=1000)
    reports: int = Field(default=10_000, ge=1, le=100_000)


class SourceSettings(_Section):
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    broker: BrokerSettings
    destinations: Annotated[list[Subscribable], BeforeValidator(_one_or_many), Field(min_length=1)]
    network: Annotated[
        NetworkSettings,
        BeforeValidator(lambda value: {"fixed": value} if isinstance(value, str) else value),
    ]
    device_identifier: Names = list(DEFAULT_DEVICE_IDENTIFIERS)
    identifying_names: Annotated[list[NameType], BeforeValidator(_one_or_many)] = []
    identifier_spelling: Annotated[list[SpellingRule], BeforeValidator(_spelling)] = []
    time_zone: Zone = "UTC"
    contexts: list[str] = ["PRODUCTION", ""]
    namespaces: list[str] = list(DEFAULT_NAMESPACES)
    ignored_nouns: list[str] = list(DEFAULT_IGNORED_NOUNS)
    clock_starts: list[ClockStart] = []
    requests: Literal["orders", "facts"] = "orders"
    limits: LimitSettings = LimitSettings()
    replies_to: list[ReplyDestination] = []
    credit: int = Field(default=1000, ge=1, le=10_000)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone)

    @model_validator(mode="after")
    def _durable_has_client_id(self) -> "SourceSettings":
        for text in self.destinations:
            if Destination.parse(text).durable and not self.broker.client_id:
                raise ValueError(
                    f"{text} is durable and needs broker.client_id, which must never change"
                )
        if len(set(self.destinations)) != len(self.destinations):
            raise ValueError("destinations names a destination twice")
        return self


class ForwardingSettings(_Section):
    batch_reports: int = Field(default=REPORTS_PER_CALL, ge=1, le=REPORTS_PER_CALL)
    batch_bytes: int = Field(default=2 * MIB, ge=64 * 1024, le=8 * MIB)
    linger_milliseconds: int = Field(default=20, ge=0, le=1000)
    batches_in_flight: int = Field(default=4, ge=1, le=64)


class QuarantineSettings(_Section):
    body_bytes: int = Field(default=100 * MIB, ge=1024, le=100 * MIB)


class Configuration(_Section):
    sources: list[SourceSettings] = Field(min_length=1)
    forwarding: ForwardingSettings = ForwardingSettings()
    quarantine: QuarantineSettings = QuarantineSettings()
    code_table: Path | None = None
    extra_code_table: Path | None = None
    lifecycle_table: Path | None = None
    extra_lifecycle_table: Path | None = None
    openwire_jars: Path | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Configuration":
        names = [source.name for source in self.sources]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are called {name}")
        return self


def load_configuration(file: Path) -> Configuration:
    """Read and check the file; relative paths in it are taken from where it lies. Raises ConfigurationInvalid."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationInvalid(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationInvalid(f"{file}: is not UTF-8 text") from error
    except yaml.YAMLError as error:
        raise ConfigurationInvalid(
            f"{file}: is not YAML: {' '.join(str(error).split())}"
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationInvalid(
            f"{file}: sources: is missing; a list of head-end systems is expected"
        )
    # Keys that begin with x- are for YAML anchors, as in compose files.
    content = {key: value for key, value in content.items() if not str(key).startswith("x-")}
    try:
        configuration = Configuration.model_validate(content)
    except ValidationError as error:
        raise ConfigurationInvalid(f"{file}: {_first(error)}") from None
    return _resolved(configuration, file.parent)


def _first(error: ValidationError) -> str:
    wrong = error.errors(include_url=False)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in wrong["loc"])
    message = wrong["msg"].removeprefix("Value error, ")
    if wrong["type"] == "extra_forbidden":
        message = "is not a setting of the connector"
    elif wrong["type"] == "missing":
        message = "is missing"
    more = error.error_count() - 1
    return f"{place.lstrip('.') or 'the whole'}: {message}" + (
        f" (and {more} more)" if more else ""
    )


def _resolved(configuration: Configuration, folder: Path) -> Configuration:
    def absolute(path: Path | None) -> Path | None:
        return folder / path if path is not None else None

    sources = []
    for source in configuration.sources:
        tls = source.broker.tls
        broker = source.broker.model_copy(
            update={
                "password_file": absolute(source.broker.password_file),
                "tls": TlsSettings(
                    ca_file=absolute(tls.ca_file),
                    certificate_file=absolute(tls.certificate_file),
                    key_file=absolute(tls.key_file),
                ),
            }
        )
        sources.append(source.model_copy(update={"broker": broker}))
    return configuration.model_copy(
        update={
            "sources": sources,
            "code_table": absolute(configuration.code_table),
            "extra_code_table": absolute(configuration.extra_code_table),
            "lifecycle_table": absolute(configuration.lifecycle_table),
            "extra_lifecycle_table": absolute(configuration.extra_lifecycle_table),
            "openwire_jars": absolute(configuration.openwire_jars),
        }
    )
