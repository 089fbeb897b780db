"""`stack.json`: where everything of a stack that is up listens, for programs and people."""

import json
from collections.abc import Mapping
from typing import Any

from deploy.local.facts.addresses import (
    bff_url,
    device_authorization_url,
    issuer,
    jwks_url,
    keycloak_url,
    router_url,
    token_url,
)
from deploy.local.facts.ports import APPS, BFF, CALLERS, PROMETHEUS, metrics_of
from deploy.local.facts.secret_files import write_private
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.keycloak import ADMIN
from deploy.local.processes.keycloak_realm import confidential_clients, people


def describe_stack(facts: StackFacts) -> dict[str, Any]:
    """Return what `stack.json` says: where everything of this stack listens. It holds no secret."""
    state, ports = facts.state, facts.ports
    secrets = state.keycloak.secrets
    return {
        "stack": facts.settings.stack,
        "state_directory": str(state.root),
        "supervisor_socket": str(state.supervisor_socket),
        "apps": {app: {"grpc": ports[app]} for app in APPS},
        "bff": {"url": bff_url(ports)},
        "router": {"url": router_url(ports)},
        "metrics": {
            app: {"url": f"http://127.0.0.1:{ports[metrics_of(app)]}/metrics"}
            for app in (*APPS, BFF)
        },
        **(
            {"prometheus": {"url": f"http://localhost:{ports[PROMETHEUS]}"}}
            if facts.settings.observability
            else {}
        ),
        "sidecars": {
            app: {
                **{kind: ports[f"{app}-sidecar-{kind}"] for kind in ("http", "grpc", "internal")},
                "api_token_file": str(state.sidecar_api_token(app)),
            }
            for app in (*APPS, *CALLERS)
        },
        "broker": {
            "url_amqp": f"amqp://127.0.0.1:{ports['broker']}",
            "url_openwire": f"tcp://127.0.0.1:{ports['broker']}",
            "url_amqps": f"amqps://localhost:{ports['broker-tls']}",
            "url_openwire_tls": f"ssl://localhost:{ports['broker-tls']}",
            **{
                entry: value
                for user in ("hes", "connector", "admin")
                for entry, value in (
                    (f"user_{user}", user),
                    (f"password_file_{user}", str(state.broker.password_file(user))),
                )
            },
        },
        "keycloak": {
            "url": keycloak_url(ports),
            "issuer": issuer(ports),
            "jwks_url": jwks_url(ports),
            "token_url": token_url(ports),
            "device_authorization_url": device_authorization_url(ports),
            "admin_user": ADMIN,
            "admin_password_file": str(secrets.admin),
            "client_secret_files": {
                client: str(secrets.client(client)) for client in confidential_clients()
            },
            "user_password_files": {
                person.name: str(secrets.user(person.name)) for person in people()
            },
        },
        # The file holds a URL with user and password.
        "mongodb": {"url_file": str(facts.mongod.operator_url)},
        "ports": dict(ports),
    }


def write_description(state: StateDirectory, description: Mapping[str, Any]) -> None:
    write_private(state.description, json.dumps(description, indent=2))
