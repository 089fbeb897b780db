"""How much the contract lets through: one table for all senders and receivers.

Comes in: nothing. Goes out: numbers and patterns, of the standard library alone, which connector, hub (its device core,
too), register, bff, command and simulator read. The comments in ``proto/`` state the same numbers:
tests/contracts/test_limits.py compares them, and sends the largest report that the connector can make along the whole
chain.
Must never be done here: a limit that concerns one service alone; a limit that no code enforces.

What is sent must fit into what the receiver takes. So each stage has room for the one before: a report of
``REPORT_BYTES`` gives timeline entries of less than ``ENTRY_BYTES``; the attributes of a device
(``ATTRIBUTE_BYTES_PER_DEVICE``), its plans and its facets make less than ``DEVICE_BYTES``; one device and one entry
make less than ``PROVISIONING_BYTES``.
"""

import re
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# Reports: connector, or register for shipments -> hub.
NETWORK: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
REPORT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
IDENTIFIER_CHARACTERS: Final = 128
# All names of a device that a report carries.
IDENTIFIERS_PER_REPORT: Final = 16
SCHEME_CHARACTERS: Final = 80
CODE_CHARACTERS: Final = 128
# A MeterConfig report has some 2 KiB.
REPORT_BYTES: Final = 32 * KIB
REPORTS_PER_CALL: Final = 500

# What a device holds. It has some thirty attributes; without a bound, a source that invents types of names would grow
# it for ever.
ATTRIBUTES_PER_DEVICE: Final = 200
ATTRIBUTE_BYTES_PER_DEVICE: Final = 64 * KIB
# What is announced and not yet in effect. The register gets it twice: word by word, and as a sentence.
PLANS_PER_DEVICE: Final = 20
PLAN_BYTES_PER_DEVICE: Final = 64 * KIB
# A device has some five names; those that a source makes up must not grow it for ever.
IDENTIFIERS_PER_DEVICE: Final = 64
# What may be joined into one device: each costs its timeline a read.
JOINED_PER_DEVICE: Final = 8

# Provisioning: hub -> register.
DEVICE_BYTES: Final = 256 * KIB
ENTRY_BYTES: Final = 256 * KIB
DEVICES_PER_PROVISIONING: Final = 500
ENTRIES_PER_PROVISION: Final = 1_000
PROVISIONING_BYTES: Final = 4 * MIB
REVISIONS_PER_COMPARISON: Final = 1_000

# Quarantine: connector -> hub, and back to be read again. A longer body travels in parts.
QUARANTINED_PART_BYTES: Final = 4 * MIB
QUARANTINED_BODY_BYTES: Final = 512 * MIB
QUARANTINED_PER_CALL: Final = 100
QUARANTINED_PARTS_PER_CALL: Final = 4
REPLAYS_PER_CLAIM: Final = 20
COMPLETED_REPLAYS_PER_CALL: Final = 100

# Messages that are read for a person and not recorded: bff -> hub -> connector, and what was understood back.
READING_BYTES: Final = 1 * MIB
READINGS_PER_CLAIM: Final = 4
REPORTS_PER_READING: Final = 100
UNDERSTOOD_BYTES: Final = 4 * MIB

# Questions: people and programs -> hub and register.
ROWS_PER_PAGE: Final = 500
DEVICES_PER_CALL: Final = 500

# What people say of alarms and devices: people -> bff -> register. Why they decided about an identity: people -> hub.
COMMENT_CHARACTERS: Final = 2_000
NOTE_CHARACTERS: Final = 500
NOTES_PER_DEVICE: Final = 100
REASON_CHARACTERS: Final = 500
# Deeds keep of each text (service_deeds) what the longest of these has, also within a job's action, where JSON writes
# some characters as two. So a deleted note is still whole in the audit. What is longer (a list of ids) says that it is
# cut.
DEED_TEXT_CHARACTERS: Final = 2 * COMMENT_CHARACTERS + 200
DEED_DEVICES: Final = DEVICES_PER_CALL

# Shipment files: people -> bff, or command -> register.
IMPORT_FILE_BYTES: Final = 32 * MIB
IMPORT_CHUNK_BYTES: Final = 1 * MIB
IMPORT_ROWS: Final = 200_000


def is_identifier(text: str) -> bool:
    """Whether ``text`` may name a device within its network."""
    return (
        1 <= len(text) <= IDENTIFIER_CHARACTERS
        and text.isprintable()
        and "/" not in text
        and text == text.strip()
    )


def is_device_id(text: str) -> bool:
    """Whether ``text`` is ``<network>/<device identifier>``."""
    network, slash, identifier = text.partition("/")
    return bool(slash) and NETWORK.fullmatch(network) is not None and is_identifier(identifier)
