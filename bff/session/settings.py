"""Settings of the page's side of the bff, read from the environment."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from bff.session.cookies import is_this_machine
from bff.session.origins import origin_of
from service_chassis.settings import TokenSettings

_WEB_ADDRESS = r"^https?://[^\s/?#@]+/?$"


class PageSettings(TokenSettings):
    """Addresses are as seen from this process, but for ``public_url``, which is the browser's."""

    model_config = SettingsConfigDict(env_prefix="BFF_")

    # Under which address browsers find this process; logins lead back to it, and requests have to come from it.
    public_url: str = Field(pattern=_WEB_ADDRESS)
    # Pages elsewhere that may ask, too: origins such as https://park.example.com, in JSON. None by default.
    allowed_origins: list[str] = Field(default=[], max_length=20)
    # The provider says there what it offers (OpenID Connect Discovery); without it, below the issuer itself.
    provider_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#@]+$")
    client_id: str = Field(default="bff", min_length=1)
    # The page may ask only what it was built with (trusted_documents.json).
    trusted_documents_only: bool = False
    # Read at each use: a new secret counts from then on.
    client_secret_file: Path
    # The supergraph's address, where questions of the page go.
    router_url: str = Field(pattern=r"^https?://[^\s?#@]+$")
    # How long the router may say nothing: before an answer begins, and within a stream (it sends signs of life).
    router_patience_seconds: float = Field(default=60, gt=0, le=600)

    login_seconds: int = Field(default=1800, ge=60, le=3600)
    session_idle_seconds: int = Field(default=1800, ge=10)
    session_life_seconds: int = Field(default=36_000, ge=10)
    sessions_at_most: int = Field(default=10_000, ge=1)
    # Of one user, in different browsers.
    sessions_per_person: int = Field(default=10, ge=1)
    # Of one session: streams that are open at once (tabs, times what a tab watches).
    streams_per_session: int = Field(default=10, ge=1)
    # Of all sessions: questions under way and streams. Each holds a connection to the router.
    forwards_at_most: int = Field(default=1000, ge=1)
    answer_limit_bytes: int = Field(default=16 * 1024 * 1024, ge=1024)

    # Per user, or per address before the login: in the long run, and at once.
    requests_per_second: float = Field(default=20, gt=0)
    requests_at_once: int = Field(default=100, ge=1)
    # The same at /graphql, per user: for programs, and for the page by way of the router.
    subgraph_requests_per_second: float = Field(default=100, gt=0)
    subgraph_requests_at_once: int = Field(default=500, ge=1)
    # Per address: an office of hundreds can share one.
    logins_per_second: float = Field(default=1, gt=0)
    logins_at_once: int = Field(default=60, ge=1)

    @field_validator("public_url")
    @classmethod
    def _safe(cls, url: str) -> str:
        if urlsplit(url).scheme != "https" and not is_this_machine(url):
            raise ValueError("must begin with https://, as it is not this machine")
        return url.rstrip("/")

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            if origin != origin_of(origin) or not urlsplit(origin).hostname:
                raise ValueError(f"{origin!r} is no origin such as https://park.example.com")
            if urlsplit(origin).scheme != "https" and not is_this_machine(origin):
                raise ValueError(f"{origin!r} must begin with https://")
        return origins
