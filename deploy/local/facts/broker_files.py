"""Where a broker keeps its things."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.facts.secret_files import secret


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerFiles:
    """Where a broker keeps its things; every name is derived from `folder`."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    @property
    def properties(self) -> Path:
        return self.folder / "broker.properties"

    def password_file(self, user: str) -> Path:
        return self.folder / "passwords" / user

    def password(self, user: str) -> str:
        return secret(self.password_file(user))
