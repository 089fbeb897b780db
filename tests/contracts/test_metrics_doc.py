"""docs/metrics.md is what the services declare, and nothing else."""

from pathlib import Path

from service_metrics.instruments import SCHEMA_URL
from service_metrics.page import declared_by, page

ROOT = Path(__file__).parents[2]
SERVICES = ("iec_connector", "device_hub", "smoc_service", "bff")


def test_the_page_is_written_from_the_declarations() -> None:
    written = page({service: declared_by(service) for service in SERVICES}, SCHEMA_URL)
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == written, "make metrics"


def test_make_writes_it_for_the_same_services() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"-m service_metrics.page {' '.join(SERVICES)}\n" in made
