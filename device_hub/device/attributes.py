"""The attributes of a device: one flat map from a word to a text.

Words are those of `ATTRIBUTES`, and ``names/<type>`` and ``life_dates/<kind>`` for what a message
names freely. Flat, because then one rule serves all: the newest statement wins, attribute by attribute.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from contract_limits import ATTRIBUTE_BYTES_PER_DEVICE, ATTRIBUTES_PER_DEVICE
from device_hub.device.refusal import Reason, Refused

ATTRIBUTES: Final = (
    "status",
    "serial_number",
    "utility_number",
    "mrid",
    "model",
    "model_version",
    "manufacturer",
    "device_type",
    "communication_technology",
    "communication_address",
    "firmware_version",
    "hardware_version",
    "lot_number",
    "amr_system",
    "time_zone",
    "usage_point",
    "area",
    "status_reason",
    "status_remark",
    "change_reason",
    "change_remark",
    "change_author",
    "seals",
    "mac_address",
    "radio_address",
    "ip_address",
    "phone_number",
    "iccid",
    "imsi",
    "imei",
    "rated_current",
    "rated_voltage",
    "phase_count",
    "phase_code",
    "multipliers",
    "form_number",
    "configuration_id",
    "program_id",
    "capabilities",
    "switch_arm_state",
    "switch_operation_count",
    "latitude",
    "longitude",
    "altitude",
    "grid_position",
    "street_address",
    "parent",
    "connection_state",
    "module_serial_number",
    "module_manufacturer",
    "module_model",
    "module_firmware_version",
    "module_hardware_version",
)
# Remarks about a status, and about the change that a configuration makes: the next statement replaces them.
STATUS_TEXTS: Final = ("status_reason", "status_remark")
CHANGE_TEXTS: Final = ("change_reason", "change_remark", "change_author")
NAMES: Final = "names/"
LIFE_DATES: Final = "life_dates/"
_LARGEST_DEGREES: Final = {"latitude": 90, "longitude": 180}
# The lifecycle that a configuration stated last. Not published: the derived one is.
STATED_LIFECYCLE: Final = "lifecycle"


def flat(
    stated: Iterable[tuple[str, str]],
    *,
    names: Mapping[str, str],
    life_dates: Mapping[str, str],
) -> dict[str, str]:
    """Return one map of all that is stated; empty texts were not said and are left out."""
    attributes = {word: text for word, text in stated if text}
    attributes.update((NAMES + kind, text) for kind, text in names.items() if text)
    attributes.update((LIFE_DATES + kind, text) for kind, text in life_dates.items() if text)
    return attributes


def plain(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of `ATTRIBUTES` alone."""
    return {word: attributes[word] for word in ATTRIBUTES if word in attributes}


def under(prefix: str, attributes: Mapping[str, str]) -> dict[str, str]:
    """Return what stands under ``NAMES`` or ``LIFE_DATES``, without the prefix."""
    cut = len(prefix)
    return {word[cut:]: text for word, text in attributes.items() if word.startswith(prefix)}


def check_names(names: Iterable[str]) -> None:
    """Raise Refused(ARGUMENT_INVALID) for a name that the journal cannot keep as one."""
    for name in names:
        if "\0" in name or name.startswith("$"):
            raise Refused(Reason.ARGUMENT_INVALID, f"{name!r} cannot be the name of a detail")


def check_place(attributes: Mapping[str, str]) -> None:
    """Raise Refused(ARGUMENT_INVALID) for coordinates that are no degrees, or only half of a place."""
    said = {word: attributes.get(word, "") for word in _LARGEST_DEGREES}
    if not any(said.values()):
        return
    for word, largest in _LARGEST_DEGREES.items():
        text = said[word]
        if not _is_decimal(text) or abs(float(text)) > largest:
            raise Refused(
                Reason.ARGUMENT_INVALID,
                f"{word}: {text[:40]!r} is not from -{largest} to {largest} degrees",
            )


def _is_decimal(text: str) -> bool:
    """Whether a text is "47", "-8.5417": what every reader takes for the same number."""
    whole, point, fraction = text.removeprefix("-").partition(".")
    digits = (whole, fraction) if point else (whole,)
    return len(text) < len("-180.") + 16 and all(
        each.isascii() and each.isdecimal() for each in digits
    )


def check_room(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Raise Refused(ARGUMENT_INVALID) when a device grows beyond what the register takes of one."""
    if len(after) > max(ATTRIBUTES_PER_DEVICE, len(before)):
        raise Refused(
            Reason.ARGUMENT_INVALID, f"device: more than {ATTRIBUTES_PER_DEVICE} attributes"
        )
    size = _size(after)
    if size > ATTRIBUTE_BYTES_PER_DEVICE and size > _size(before):
        raise Refused(
            Reason.ARGUMENT_INVALID,
            f"device: would hold {size} bytes of attributes, {ATTRIBUTE_BYTES_PER_DEVICE} are allowed",
        )


def _size(attributes: Mapping[str, str]) -> int:
    return sum(len(word.encode()) + len(text.encode()) for word, text in attributes.items())


def date_of(text: str) -> datetime | None:
    """Return a date of a device's life as a time, in UTC when it names no zone; None for an invalid date."""
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date if date.utcoffset() is not None else date.replace(tzinfo=UTC)
