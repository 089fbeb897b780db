"""The Secrets of the demo: made once, in the cluster itself; what is there stays as it is."""

import base64
import datetime as dt
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from deploy.cluster.kubernetes import Kubernetes
from deploy.local.facts.broker_files import BrokerFiles
from deploy.local.facts.keycloak_files import RealmSecrets
from deploy.local.facts.secret_files import secret
from deploy.local.processes.broker import USERS, prepare_broker
from deploy.local.processes.keycloak_realm import filled_realm, people

NEIGHBOURS: Final = "neighbours"
PARK: Final = "park"
_SIDECARS: Final = ("device-hub", "smoc-service", "iec-connector", "bff", "meterpark-cli")
_CALLED: Final = _SIDECARS[:3]
_DATABASE_USERS: Final = {"device-hub": "device_hub", "smoc-service": "smoc_service"}

Files = Mapping[str, str | bytes]


def make_secrets(cluster: Kubernetes) -> None:
    """Make every Secret of both namespaces, unless they are there.

    The last one marks that all are there: an interrupted run makes all of them anew, before anything was started with
    them.
    """
    if cluster.is_there("secret", "keycloak", NEIGHBOURS):
        return
    now = dt.datetime.now(dt.UTC)
    made = [_secret(namespace, name, files) for namespace, name, files in files_of_secrets(now)]
    for one in made:
        cluster.apply(one)


def password_of(cluster: Kubernetes, person: str) -> str:
    """Return the password of one of the realm's sample users."""
    return read_secret(cluster, NEIGHBOURS, "keycloak", f"{person}-password")


def read_secret(cluster: Kubernetes, namespace: str, name: str, key: str) -> str:
    data = cluster.read("secret", name, "-n", namespace)["data"]
    return base64.b64decode(data[key]).decode()


def secret_values(cluster: Kubernetes) -> dict[str, str]:
    """Return what must not be read elsewhere, by its Secret's name and its own: each a line of its own."""
    found = {}
    for namespace in (NEIGHBOURS, PARK):
        for one in cluster.read("secrets", "-n", namespace)["items"]:
            # Helm keeps its releases as Secrets, too.
            if one["type"] != "Opaque":
                continue
            for key, content in one["data"].items():
                value = base64.b64decode(content).decode(errors="replace").strip()
                if "\n" not in value and "\ufffd" not in value:
                    found[f"{namespace}/{one['metadata']['name']}/{key}"] = value
    return found


def files_of_secrets(now: dt.datetime) -> Iterator[tuple[str, str, Files]]:
    """Yield namespace, name and files of each Secret; Keycloak's last."""
    passwords = {
        user: secrets.token_urlsafe(32) for user in ("operator", *_DATABASE_USERS.values())
    }
    yield (
        NEIGHBOURS,
        "mongodb",
        # mongod takes the letters of base64 only.
        {
            "key": secrets.token_hex(32),
            **{f"{user}-password": password for user, password in passwords.items()},
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        broker = BrokerFiles(folder=Path(folder) / "broker")
        realm = RealmSecrets(folder=Path(folder) / "keycloak")
        yield NEIGHBOURS, "broker", _broker_files(broker, now)
        realm_file = filled_realm(realm)
        yield (
            PARK,
            "device-hub",
            {
                "mongodb-password": passwords["device_hub"],
                "client-secret": secret(realm.client("device-hub")),
                "actor-proof": secrets.token_urlsafe(32),
            },
        )
        yield PARK, "smoc-service", {"mongodb-password": passwords["smoc_service"]}
        yield PARK, "iec-connector", {"broker-password": broker.password("connector")}
        yield PARK, "bff", {"client-secret": secret(realm.client("bff"))}
        for app in _SIDECARS:
            yield PARK, f"{app}-sidecar-token", {"token": secrets.token_hex(32)}
        for app in _CALLED:
            yield PARK, f"{app}-app-token", {"token": secrets.token_hex(32)}
        yield (
            NEIGHBOURS,
            "keycloak",
            {
                "meterpark.json": realm_file,
                "admin-password": secret(realm.admin),
                "meterpark-script-secret": secret(realm.client("meterpark-script")),
                **{
                    f"{person.name}-password": secret(realm.user(person.name))
                    for person in people()
                },
            },
        )


def _broker_files(files: BrokerFiles, now: dt.datetime) -> Files:
    """Return what the broker reads in /secrets, where its data lie in /data."""
    prepare_broker(files, port=61616, tls_port=61617, now=now)
    ours = {f"data={files.data}": "data=/data", f"tls={files.tls}": "tls=/secrets"}
    lines = [ours.get(line, line) for line in files.properties.read_text().splitlines()]
    return {
        "broker.properties": "".join(f"{line}\n" for line in [*lines, "bind=0.0.0.0"]),
        **{name: (files.tls / name).read_bytes() for name in ("broker.p12", "trust.p12")},
        **{f"{user}-password": files.password(user) for user in USERS},
    }


def _secret(namespace: str, name: str, files: Files) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": {
            file: base64.b64encode(
                content.encode() if isinstance(content, str) else content
            ).decode()
            for file, content in files.items()
        },
    }
