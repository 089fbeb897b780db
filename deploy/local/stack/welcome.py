"""What `make up` says when a stack is ready: first the page and who may log in, then where everything is."""

from collections.abc import Mapping
from typing import Any, Final

from deploy.local.facts.keycloak_files import RealmSecrets
from deploy.local.facts.ports import WELL_KNOWN, ports_of_apps
from deploy.local.processes.keycloak_realm import people
from deploy.local.stack.stack import Stack

# Sees and may do everything in the page.
_FIRST_USER: Final = "anna"


def welcome(stack: Stack, *, first_start: bool, seconds: float) -> str:
    """Return all of it; passwords only with the `first_start`."""
    parts = [f"{way_in(stack, with_password=first_start)} (ready after {seconds:.1f} s)"]
    parts.append(_where(stack))
    if first_start:
        parts.append(_who(stack.state.keycloak.secrets))
    parts.append(f"next: {_next(stack)}")
    return "\n\n".join(parts)


def way_in(stack: Stack, *, with_password: bool = False) -> str:
    """Return one line: the address to open, and a user to log in with."""
    url = stack.description()["bff"]["url"]
    file = stack.state.keycloak.secrets.user(_FIRST_USER)
    password = f"password {file.read_text()}" if with_password else f"password in {file}"
    when = ", once dapr run has started the apps" if _is_for_dapr_run(stack) else ""
    return f"open {url} and log in as {_FIRST_USER}, {password}{when}"


def _where(stack: Stack) -> str:
    described = stack.description()
    broker, login = described["broker"], described["keycloak"]
    return f"""\
  page        {described["bff"]["url"]} (in a browser)
  broker      {broker["url_amqp"]} and {broker["url_openwire"]} (TLS: {broker["url_amqps"]})
              user hes, password in {broker["password_file_hes"]}
  mongodb     127.0.0.1:{described["ports"]["mongod"]}
              the operator's address, with password, in {described["mongodb"]["url_file"]}
  login       {login["url"]}, realm meterpark; passwords of its sample users in
              {stack.state.keycloak.secrets.users}
              administrator {login["admin_user"]}, password in {login["admin_password_file"]}
  hub         127.0.0.1:{described["apps"]["device-hub"]["grpc"]} (gRPC)
  register    127.0.0.1:{described["apps"]["smoc-service"]["grpc"]} (gRPC)
  router      {described["router"]["url"]} (GraphQL for programs; see docs/api.md)
  bff         {described["bff"]["url"]} (serves the page; GraphQL at /graphql)
  command     its sidecar is 127.0.0.1:{described["sidecars"]["meterpark-cli"]["grpc"]}
{_observability(described)}  all of it   {stack.state.description}"""


def _observability(described: Mapping[str, Any]) -> str:
    if "prometheus" not in described:
        return ""
    url = described["prometheus"]["url"]
    return f"""\
  dashboards  {url}/consoles/flow.html (Prometheus, in a browser)
  alerts      {url}/classic/alerts (what to do: docs/operations.md)
"""


def _who(secrets: RealmSecrets) -> str:
    lines = ["sample users, for this machine only; their passwords are shown only this once:"]
    for person in people():
        where = "all networks" if person.networks == ["*"] else f"network {person.networks[0]}"
        password = secrets.user(person.name).read_text()
        lines.append(f"  {person.name:8} {password}  {', '.join(person.roles)}; {where}")
    return "\n".join(lines)


def _next(stack: Stack) -> str:
    name = stack.settings.stack
    with_stack = "" if name == "default" else f" STACK={name}"
    for_command = "" if name == "default" else f"METERPARK_STACK={name} "
    if _is_for_dapr_run(stack):
        return _next_with_dapr_run(stack, stack.description())
    steps = {
        f"make park{with_stack}": "watch the meters",
        f"make status{with_stack}": "check whether everything works",
        f"{for_command}.venv/bin/meterpark --help": "show devices, alarms, unreadable messages",
        f"{for_command}.venv/bin/meterpark send FILE": "send a message of your own",
        f"make down{with_stack}": "stop it; the data stays",
    }
    widest = max(map(len, steps))
    return "\n      ".join(f"{what:{widest}}  {why}" for what, why in steps.items())


def _next_with_dapr_run(stack: Stack, described: Mapping[str, Any]) -> str:
    ports = described["ports"]
    moved = [str(WELL_KNOWN[name]) for name in ports_of_apps() if ports[name] != WELL_KNOWN[name]]
    if moved:
        return (
            f"dapr run cannot be used: deploy/local/dapr.yaml names the ports {', '.join(moved)}, this stack has "
            f"others. make down, free them, rm {stack.state.ports}, and start again without PORT_BASE"
        )
    return "dapr run -f deploy/local/dapr.yaml starts the apps; make down ends the rest"


def _is_for_dapr_run(stack: Stack) -> bool:
    return stack.settings.only == "neighbours"
