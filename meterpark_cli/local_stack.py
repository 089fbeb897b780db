"""What the local stack (``make up``) wrote down about itself: where the own sidecar and the broker listen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from meterpark_cli.failures import Unreachable, WrongUsage
from meterpark_cli.options import HostPort, host_port

OWN_APP_ID = "meterpark-cli"
DEFAULT_DESTINATION = "queue://IEC20_PUSH"
_NONE_RUNNING = "no local stack is running; make up, or --sidecar HOST:PORT"


class SidecarEntry(BaseModel):
    grpc: int
    api_token_file: Path | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAccess:
    url: str
    user: str
    password_file: Path | None
    destination: str


def stack_file(environment: Mapping[str, str]) -> Path:
    """Return where the stack that the environment names (``METERPARK_STACK``, else "default") describes itself."""
    state = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = environment.get("METERPARK_STACK") or "default"
    return Path(state) / "meterpark" / name / "stack.json"


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
        raise WrongUsage(
            f"{path} is not a description of a stack: {place}: {first['msg']}"
        ) from error


def find_sidecar(said: str | None, environment: Mapping[str, str]) -> HostPort:
    """Return the sidecar that was named, else the local stack's; raise Unreachable when there is neither."""
    if said:
        return host_port(said, "--sidecar")
    stack = read_stack(environment)
    if stack is None:
        raise Unreachable(_NONE_RUNNING)
    ports = stack.sidecars.get(OWN_APP_ID)
    if ports is None:
        raise Unreachable(
            f"the local stack {stack.stack!r} has no sidecar for {OWN_APP_ID}; make up"
        )
    return HostPort(host="127.0.0.1", port=ports.grpc)


def find_api_token(said: str | None, environment: Mapping[str, str]) -> str | None:
    """Return what the sidecar wants to see: what the environment says (DAPR_API_TOKEN), else the local stack's.

    The local stack's is for its own sidecar only, never for one that was named.
    """
    token = environment.get("DAPR_API_TOKEN")
    if token or said:
        return token
    stack = read_stack(environment)
    entry = stack.sidecars.get(OWN_APP_ID) if stack else None
    if entry is None or entry.api_token_file is None:
        return None
    try:
        return entry.api_token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongUsage(
            f"API token file {entry.api_token_file} cannot be read: {error.strerror}"
        ) from error


def find_broker(environment: Mapping[str, str]) -> BrokerAccess | None:
    """Return the broker that the environment names, else the local stack's, else None."""
    url = environment.get("METERPARK_BROKER_URL")
    if url:
        password_file = environment.get("METERPARK_BROKER_PASSWORD_FILE")
        return BrokerAccess(
            url=url,
            user=environment.get("METERPARK_BROKER_USER", ""),
            password_file=Path(password_file) if password_file else None,
            destination=environment.get("METERPARK_DESTINATION") or DEFAULT_DESTINATION,
        )
    stack = read_stack(environment)
    if stack is None or stack.broker is None:
        return None
    entry = stack.broker
    return BrokerAccess(
        url=entry.url_amqp,
        user=entry.user_hes,
        password_file=entry.password_file_hes,
        destination=environment.get("METERPARK_DESTINATION") or entry.destination,
    )


def read_password(access: BrokerAccess) -> str:
    if access.password_file is None:
        return ""
    try:
        return access.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongUsage(
            f"password file {access.password_file} cannot be read: {error.strerror}"
        ) from error
