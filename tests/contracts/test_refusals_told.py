"""The page's audit knows each reason for which a person's change can be refused, to say it in German."""

import re
from pathlib import Path
from typing import Final

from meterpark.errors.v1.error_reason_pb2 import ErrorReason

ROOT: Final = Path(__file__).resolve().parents[2]
WORDS: Final = ROOT / "bff" / "web" / "src" / "app" / "audit" / "refusal-words.ts"
# Refused before a deed is stored, met by programs only, or met by who reads.
NO_DEEDS: Final = {
    *("UNSPECIFIED", "PROOF_INVALID", "UNAUTHENTICATED", "TOKEN_EXPIRED", "SIDECAR_BYPASSED"),
    *("PAGE_TOKEN_INVALID", "POSITION_TOO_OLD", "READING_UNKNOWN"),
    *("REPORT_EMPTY", "TIME_INVALID", "HUB_DEFECT", "CHUNK_OFFSET_WRONG"),
}


def test_the_page_has_words_for_each_reason_of_a_refused_deed() -> None:
    reasons = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()}  # noqa: SIM118
    known = set(re.findall(r"\b([A-Z][A-Z_]+): \$localize", WORDS.read_text(encoding="utf-8")))
    assert known == reasons - NO_DEEDS
