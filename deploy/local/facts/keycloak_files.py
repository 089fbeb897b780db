"""Where Keycloak keeps its things, and the secrets of its realm."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

REALM: Final = "meterpark"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmSecrets:
    """One file per secret, below `folder`."""

    folder: Path

    def client(self, client: str) -> Path:
        return self.folder / "clients" / client

    @property
    def users(self) -> Path:
        return self.folder / "users"

    def user(self, user: str) -> Path:
        return self.users / user

    @property
    def admin(self) -> Path:
        """Password of Keycloak's own administrator, who is in its realm `master`."""
        return self.folder / "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeycloakFiles:
    """Everything of a stack's Keycloak, below `folder`."""

    folder: Path

    @property
    def secrets(self) -> RealmSecrets:
        return RealmSecrets(folder=self.folder / "secrets")

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def database(self) -> Path:
        return self.home / "data" / "h2"

    @property
    def realm_to_import(self) -> Path:
        """There until the first start has come to its end; it holds every secret of the realm."""
        return self.home / "data" / "import" / f"{REALM}.json"

    @property
    def is_new(self) -> bool:
        """No start has come to its end yet."""
        return self.realm_to_import.exists() or not self.database.exists()
