"""A setting that would leave a door open does not start, and says so in a line."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bff.session.settings import PageSettings

GOOD: dict[str, Any] = {
    "token_issuer": "https://login.example.com/realms/meterpark",
    "token_jwks_url": "https://login.example.com/realms/meterpark/protocol/openid-connect/certs",
    "public_url": "https://park.example.com/",
    "client_secret_file": Path("secret"),
    "router_url": "http://router:4000/graphql",
}


def test_a_page_needs_few_settings() -> None:
    settings = PageSettings(**GOOD)
    assert settings.public_url == "https://park.example.com"
    assert settings.allowed_origins == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"public_url": "http://park.example.com"}, "https"),
        ({"public_url": "https://park.example.com/park"}, "pattern"),
        ({"public_url": "https://anna@park.example.com"}, "pattern"),
        ({"allowed_origins": ["*"]}, "origin"),
        ({"allowed_origins": ["null"]}, "origin"),
        ({"allowed_origins": ["https://"]}, "origin"),
        ({"allowed_origins": ["https://map.example.com/"]}, "origin"),
        ({"allowed_origins": ["http://map.example.com"]}, "https"),
        ({"allowed_origins": ["https://MAP.example.com"]}, "origin"),
        ({"router_url": "router:4000"}, "pattern"),
        ({"session_idle_seconds": 0}, "greater"),
    ],
)
def test_what_would_leave_a_door_open_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        PageSettings(**{**GOOD, **wrong})


@pytest.mark.parametrize("url", ["http://localhost:20190", "http://127.0.0.1:20190"])
def test_on_this_machine_plain_http_will_do(url: str) -> None:
    assert PageSettings(**{**GOOD, "public_url": url}).public_url == url
