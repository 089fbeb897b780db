"""Where a login is kept between commands: one file per stack and issuer, which only its owner can read.

A refresh token counts once. So the command that uses it holds the lock, reads the file again, and writes the new
tokens before another command may read.
"""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from meterpark_cli.failures import WrongUsage
from meterpark_cli.stack.local_stack import stack_name, state_home

_LOOK_AGAIN_SECONDS = 0.05


class PersonSession(BaseModel):
    """A user who is logged in; moments are seconds since 1970."""

    kind: Literal["person"] = "person"
    issuer: str
    token_url: str
    revocation_url: str
    client_id: str
    refresh_token: str = Field(repr=False)
    refresh_ends_at: float
    access_token: str = Field(repr=False)
    access_renew_at: float
    access_ends_at: float


class ServiceLogin(BaseModel):
    """A service account to be used by scripts; its secret stays where it is."""

    kind: Literal["service"] = "service"
    issuer: str
    client_id: str
    client_secret_file: Path


Login = PersonSession | ServiceLogin
_LOGIN: TypeAdapter[Login] = TypeAdapter(Annotated[Login, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFile:
    path: Path

    @classmethod
    def of(cls, issuer: str, environment: Mapping[str, str]) -> "LoginFile":
        digest = hashlib.sha256(issuer.rstrip("/").encode()).hexdigest()[:16]
        name = f"{stack_name(environment)}.{digest}.json"
        return cls(path=_folder(environment) / name)

    def read(self) -> Login | None:
        """Return the login, or None when there is none; raise WrongUsage when the file is something else."""
        try:
            return _LOGIN.validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WrongUsage(f"{self.path} cannot be read: {error.strerror}") from error
        except ValidationError:
            # Not the validation's own words: they would show the file's content.
            raise WrongUsage(
                f"{self.path} holds no login: meterpark login writes it again"
            ) from None

    def write(self, login: Login) -> None:
        """Write all of it or nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self.path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
            sink.write(login.model_dump_json())
            sink.flush()
            os.fsync(sink.fileno())
        partial.replace(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold it alone among all commands; a command that dies releases it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            yield
        finally:
            os.close(descriptor)


def logins_of_stack(environment: Mapping[str, str]) -> list[LoginFile]:
    """Return the files of all logins that were made for the stack which the environment names."""
    pattern = f"{stack_name(environment)}.*.json"
    return [LoginFile(path=path) for path in sorted(_folder(environment).glob(pattern))]


def _folder(environment: Mapping[str, str]) -> Path:
    return state_home(environment) / "meterpark-cli"
