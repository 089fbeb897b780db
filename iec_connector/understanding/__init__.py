"""Understanding: finds out what a head-end system's message says about devices.

In comes the body of one message (text or bytes) with the ``Source`` it came from and the time it was taken.
Out go ``Understood`` (its header, one ``Report`` per statement about a device, a ``Problem`` for each part that
gives none, and how much was skipped because it is not wanted), or ``Unreadable`` with a reason, a sentence and a place.

Never here: network, files (but the code tables, once, at start), clocks, protobuf. Never a raise of anything
but ``Unreadable`` because of what a message holds; never a part of a message that vanishes without a report,
a problem or a count; never a secret (password, key) in a report.
"""

from iec_connector.understanding.header import Header
from iec_connector.understanding.report import (
    Configuration,
    Contact,
    Content,
    ControlOutcome,
    DeviceEvent,
    Lifecycle,
    Linkage,
    LinkageChange,
    Meaning,
    Origin,
    Outcome,
    Report,
    SwitchState,
)
from iec_connector.understanding.secrets import strip_secrets
from iec_connector.understanding.source import (
    HEADER_SOURCE,
    NAME_TYPE_AUTHORITY,
    PROPERTY,
    FixedNetwork,
    Limits,
    NetworkByDestination,
    NetworkInMessage,
    NetworkRule,
    Source,
    is_network,
)
from iec_connector.understanding.tables.event_codes import (
    CodeTableInvalid,
    EventCodes,
    load_event_codes,
)
from iec_connector.understanding.understand import understand
from iec_connector.understanding.understood import Understood
from iec_connector.understanding.unreadable import Problem, Reason, Unreadable

__all__ = [
    "HEADER_SOURCE",
    "NAME_TYPE_AUTHORITY",
    "PROPERTY",
    "CodeTableInvalid",
    "Configuration",
    "Contact",
    "Content",
    "ControlOutcome",
    "DeviceEvent",
    "EventCodes",
    "FixedNetwork",
    "Header",
    "Lifecycle",
    "Limits",
    "Linkage",
    "LinkageChange",
    "Meaning",
    "NetworkByDestination",
    "NetworkInMessage",
    "NetworkRule",
    "Origin",
    "Outcome",
    "Problem",
    "Reason",
    "Report",
    "Source",
    "SwitchState",
    "Understood",
    "Unreadable",
    "is_network",
    "load_event_codes",
    "strip_secrets",
    "understand",
]
