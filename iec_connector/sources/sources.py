"""From the configuration to what understanding and transport want to know of a source."""

from pathlib import Path

from iec_connector.sources.configuration import (
    Configuration,
    ConfigurationInvalid,
    NetworkSettings,
    SourceSettings,
)
from iec_connector.understanding import (
    HEADER_SOURCE,
    NAME_TYPE_AUTHORITY,
    PROPERTY,
    CodeTableInvalid,
    EventCodes,
    FixedNetwork,
    Limits,
    NetworkByDestination,
    NetworkInMessage,
    NetworkRule,
    Source,
    load_event_codes,
)
from iec_connector.understanding.tables.csv_rows import TableInvalid
from iec_connector.understanding.tables.event_codes import PACKAGED_CODES
from iec_connector.understanding.tables.lifecycle_words import (
    PACKAGED_WORDS,
    LifecycleWords,
    load_lifecycle_words,
    packaged_lifecycle_words,
)
from iec_connector.understanding.times import CLOCK_STARTS
from jms_transport import Connection, TlsFiles, connect

_PLACES = {
    "header-source": HEADER_SOURCE,
    "property": PROPERTY,
    "name-type-authority": NAME_TYPE_AUTHORITY,
}


def load_codes(configuration: Configuration) -> EventCodes:
    """Load the code table, and over it the rows of the extra one; raises ConfigurationInvalid."""
    key = "code_table"
    try:
        codes = load_event_codes(configuration.code_table or PACKAGED_CODES)
        if configuration.extra_code_table is None:
            return codes
        key = "extra_code_table"
        extra = load_event_codes(configuration.extra_code_table)
    except CodeTableInvalid as error:
        raise ConfigurationInvalid(f"{key}: {error}") from error
    return codes.with_rows_of(extra)


def load_words(configuration: Configuration) -> LifecycleWords:
    """Load the table of life-cycle words, and over it the rows of the extra one; raises ConfigurationInvalid."""
    key = "lifecycle_table"
    try:
        words = load_lifecycle_words(configuration.lifecycle_table or PACKAGED_WORDS)
        if configuration.extra_lifecycle_table is None:
            return words
        key = "extra_lifecycle_table"
        return words.with_rows_of(load_lifecycle_words(configuration.extra_lifecycle_table))
    except TableInvalid as error:
        raise ConfigurationInvalid(f"{key}: {error}") from error


def to_source(
    settings: SourceSettings, codes: EventCodes, words: LifecycleWords | None = None
) -> Source:
    """What understanding needs of the source."""
    return Source(
        name=settings.name,
        network=_network(settings.network),
        codes=codes,
        words=words or packaged_lifecycle_words(),
        device_identifiers=tuple(settings.device_identifier),
        identifier_spelling=tuple(settings.identifier_spelling),
        identifying_names=tuple(settings.identifying_names),
        zone=settings.zone,
        contexts=frozenset(settings.contexts),
        namespaces=tuple(settings.namespaces),
        ignored_nouns=tuple(settings.ignored_nouns),
        clock_starts=(*CLOCK_STARTS, *settings.clock_starts),
        requests_are_facts=settings.requests == "facts",
        limits=Limits(
            message_bytes=settings.limits.message_bytes,
            inflated_bytes=settings.limits.inflated_bytes,
            depth=settings.limits.depth,
            reports=settings.limits.reports,
        ),
    )


def read_password(settings: SourceSettings) -> str:
    """Read the password file, without the newline at its end; raises ConfigurationInvalid."""
    file = settings.broker.password_file
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise ConfigurationInvalid(
            f"sources: {settings.name}: password_file {file}: {reason}"
        ) from error


async def dial(settings: SourceSettings, password: str, openwire_jars: Path | None) -> Connection:
    """Connect to the source's broker; raises TransportError."""
    broker = settings.broker
    return await connect(
        broker.url,
        user=broker.user,
        password=password,
        tls=tls_files(settings),
        client_id=broker.client_id,
        client_jars=openwire_jars,
    )


def tls_files(settings: SourceSettings) -> TlsFiles:
    """Return the files for a broker whose address says TLS."""
    files = settings.broker.tls
    return TlsFiles(
        ca_file=files.ca_file,
        certificate_file=files.certificate_file,
        key_file=files.key_file,
    )


def named_networks(settings: NetworkSettings) -> list[str]:
    """Return the networks that the configuration names: messages of others are refused, or there is no telling."""
    if settings.fixed is not None:
        return [settings.fixed]
    if settings.by_destination is not None:
        return sorted({*settings.by_destination.values()})
    return sorted({*settings.allowed})


def _network(settings: NetworkSettings) -> NetworkRule:
    if settings.fixed is not None:
        return FixedNetwork(network=settings.fixed)
    if settings.by_destination is not None:
        return NetworkByDestination(networks=settings.by_destination)
    assert settings.in_message is not None  # noqa: S101  # the settings give exactly one
    return NetworkInMessage(
        place=_PLACES[settings.in_message],
        name=settings.property_name,
        spellings=settings.spellings,
        allowed=frozenset(settings.allowed),
    )
