"""What the local stack (``make up``) wrote down about itself: where the own sidecar and the broker listen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from meterpark_cli.failures import Unreachable, WrongUsage
from meterpark_cli.options import HostPort, host_port

OWN_APP_ID = "meterpark-cli"
DEFAULT_DESTINATION = "queue://IEC20_PUSH"
_NONE_RUNNING = "no local stack is running. Start it (make up), or give --sidecar HOST:PORT"


class SidecarEntry(BaseModel):
    grpc: int
    api_token_file: Path | None = None


class KeycloakEntry(BaseModel):
    """Where people and scripts get their tokens; secrets are named by their files."""

    issuer: str
    client_secret_files: dict[str, Path] = {}


class WebEntry(BaseModel):
    """A door for browsers or programs."""

    url: str


class BrokerEntry(BaseModel):
    url_amqp: str
    user_hes: str = ""
    password_file_hes: Path | None = None
    destination: str = DEFAULT_DESTINATION


class LocalStack(BaseModel):
    """``stack.json`` as far as this command reads it."""

    stack: str
    sidecars: dict[str, SidecarEntry]
    broker: BrokerEntry | None = None
    keycloak: KeycloakEntry | None = None
    bff: WebEntry | None = None
    router: WebEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """The sidecar to ask through; ``own`` is the local stack that it belongs to, if it does."""

    address: HostPort
    api_token_file: Path | None = None
    own: LocalStack | None = None


def state_home(environment: Mapping[str, str]) -> Path:
    """Return where logins and stacks are kept; raise WrongUsage when nothing says it."""
    try:
        return Path(environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        raise WrongUsage(
            "the folder for logins and stacks is not known: set HOME or XDG_STATE_HOME"
        ) from None


def stack_name(environment: Mapping[str, str]) -> str:
    return environment.get("METERPARK_STACK") or "default"


def stack_file(environment: Mapping[str, str]) -> Path:
    """Return where the stack that the environment names (``METERPARK_STACK``, else "default") describes itself."""
    return state_home(environment) / "meterpark" / stack_name(environment) / "stack.json"


def read_stack(environment: Mapping[str, str]) -> LocalStack | None:
    """Return the running local stack, or None when there is none; raise WrongUsage when its file cannot be read."""
    path = stack_file(environment)
    try:
        return LocalStack.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise WrongUsage(f"{path} does not describe a stack: {place}: {first['msg']}") from error


def find_sidecar(said: str | None, environment: Mapping[str, str]) -> Sidecar:
    """Return the named sidecar, else the local stack's; raise Unreachable when there is neither.

    A named sidecar does not belong to the local stack: it gets none of the stack's secrets.
    """
    named_token = environment.get("METERPARK_SIDECAR_TOKEN_FILE")
    token_file = Path(named_token) if named_token else None
    if said:
        return Sidecar(address=host_port(said, "--sidecar"), api_token_file=token_file)
    stack = read_stack(environment)
    if stack is None:
        raise Unreachable(_NONE_RUNNING)
    entry = stack.sidecars.get(OWN_APP_ID)
    if entry is None:
        raise Unreachable(
            f"the local stack {stack.stack!r} has no sidecar for {OWN_APP_ID}; make up"
        )
    return Sidecar(
        address=HostPort(host="127.0.0.1", port=entry.grpc),
        api_token_file=token_file or entry.api_token_file,
        own=stack,
    )


def find_stack_sidecar(environment: Mapping[str, str]) -> Sidecar | None:
    """Return the local stack's sidecar, None when there is no stack."""
    try:
        return find_sidecar(None, environment)
    except Unreachable:
        return None


def read_api_token(sidecar: Sidecar, environment: Mapping[str, str]) -> str | None:
    """Return the token that the sidecar requires of its callers; ``DAPR_API_TOKEN`` is Dapr's name for it."""
    return environment.get("DAPR_API_TOKEN") or (
        read_secret(sidecar.api_token_file, "API token file") or None
    )


def read_secret(file: Path | None, what: str) -> str:
    """Return what the file holds, "" where none is named; raise WrongUsage when it cannot be read."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongUsage(f"{what} {file} cannot be read: {error.strerror}") from error
