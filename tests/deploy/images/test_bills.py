"""The bill of materials of an image: what `make images` keeps of what syft says, and what has to be in it."""

from typing import Any

import pytest

from deploy.images.bills import found_parts, known_parts, without_its_moment

# As syft 1.50.0 writes it, with two of its packages and one file.
BILL: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:65b0e4b6-5a35-44b7-8a35-5c7f1b8f7c3d",
    "metadata": {
        "timestamp": "2026-11-30T23:10:11Z",
        "tools": {"components": [{"name": "syft", "version": "1.50.0"}]},
        "component": {"type": "container", "name": "/srv/somewhere/meterpark-web-0.1.0.tar"},
    },
    "components": [
        {"name": "strawberry_graphql", "purl": "pkg:pypi/strawberry-graphql@0.341.0"},
        {"group": "@opentelemetry", "name": "api", "purl": "pkg:npm/%40opentelemetry/api@1.10.0"},
        {"type": "file", "name": "/usr/local/bin/node"},
    ],
}


def test_the_same_image_has_the_same_bill_whenever_and_wherever_it_is_written() -> None:
    later = {
        **BILL,
        "serialNumber": "urn:uuid:0d5a1c0e-0a83-4d0d-a4e9-5b7f1f5c2a11",
        "metadata": {
            **BILL["metadata"],
            "timestamp": "2027-01-01T00:00:00Z",
            "component": {"type": "container", "name": "/home/anna/meterpark-web-0.1.0.tar"},
        },
    }
    assert without_its_moment(BILL, "web") == without_its_moment(later, "web")


def test_packages_are_named_as_their_own_lists_name_them() -> None:
    assert set(found_parts(BILL)) == {"pypi/strawberry-graphql", "npm/@opentelemetry/api"}


@pytest.mark.parametrize(
    ("image", "part"),
    [
        ("services", "pypi/python-qpid-proton"),
        ("services", "golang/stdlib"),
        ("web", "npm/@graphql-hive/gateway-runtime"),
    ],
)
def test_what_we_put_into_an_image_has_to_be_in_its_bill(image: str, part: str) -> None:
    assert part in known_parts(image)
