"""Where a mongod keeps its data, its secrets and its certificates, and how its clients find it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from deploy.local.facts.secret_files import secret

REPLICA_SET: Final = "rs0"


@dataclass(frozen=True, slots=True, kw_only=True)
class MongodFiles:
    """Where a mongod keeps its data, and what only its owner may read."""

    data: Path
    secrets: Path
    tls: bool

    @property
    def key(self) -> Path:
        """What the members of a replica set prove themselves with, even when it has only one."""
        return self.secrets / "key"

    @property
    def server_certificate(self) -> Path:
        return self.secrets / "tls" / "server.pem"

    @property
    def ca_certificate(self) -> Path:
        return self.secrets / "tls" / "ca.pem"

    @property
    def operator_url(self) -> Path:
        """A URL with user and password, for the operator's own tools."""
        return self.secrets / "operator-url"

    def password_file(self, user: str) -> Path:
        return self.secrets / "passwords" / user

    def password(self, user: str) -> str:
        return secret(self.password_file(user)).strip()

    def url(self, port: int, user: str) -> str:
        """Return a URL that names the user and lacks the password."""
        return self.url_of_login(port, user)

    def url_of_login(self, port: int, login: str) -> str:
        """Return the URL for `USER` or `USER:PASSWORD`."""
        tls = f"&tls=true&tlsCAFile={quote(str(self.ca_certificate))}" if self.tls else ""
        return f"mongodb://{login}@127.0.0.1:{port}/?replicaSet={REPLICA_SET}{tls}"
