"""The register's words for deeds."""

from typing import Final

from service_deeds.reading import first_of
from service_deeds.words import Words

REGISTER: Final = Words(
    methods="/meterpark.smoc.",
    # Pieces of a file, of which its import is the deed; what the hub tells, which no person asks for; and how the page
    # looks to one person, which changes nothing of the park.
    no_deeds=frozenset({"AppendImportChunk", "ProvisionDevices", "SetPreference"}),
    about=("alarm_id", "job_id", "import_id", "view_id", "note_id"),
    placed=("alarm_id", "device_id"),
    devices=("device_id", "device_ids"),
    summary=lambda _, answer: first_of(answer, ("summary", "file_name", "name")),
)
