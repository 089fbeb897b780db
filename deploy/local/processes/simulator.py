"""The simulated head-end system of a stack, and the connector's configuration for it."""

import sys

import yaml

from deploy.local.facts.secret_files import write_private
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.process_plan import After, ProcessPlan

_NETWORK = "north"
_QUEUE = "queue://IEC20_PUSH"
# A second way in, as a virtual topic: what real head-end systems like to publish to.
_TOPIC_QUEUE = "queue://Consumer.meterpark.VirtualTopic.IEC20_PUSH"


def simulator_plan(facts: StackFacts) -> ProcessPlan | None:
    """Return the simulator's process, or None when it is switched off.

    The user sets its pace and its faults (`HES_RATE`, `HES_FAULTS`, ...).
    """
    if not facts.settings.simulator:
        return None
    said = {name: value for name, value in facts.environment.items() if name.startswith("HES_")}
    return ProcessPlan(
        name="hes-simulator",
        command=(sys.executable, "-m", "hes_simulator", "run"),
        environment={
            "HES_DEVICES": str(facts.settings.devices),
            **said,
            "HES_NETWORK": _NETWORK,
            "HES_DESTINATION": _QUEUE,
            "HES_BROKER_URL": f"amqp://127.0.0.1:{facts.ports['broker']}",
            "HES_BROKER_USER": "hes",
            "HES_BROKER_PASSWORD_FILE": str(facts.state.broker.password_file("hes")),
            "HES_LEDGER": str(facts.state.simulator_ledger),
            "PYTHONUNBUFFERED": "1",
        },
        after={"broker": After.HEALTHY},
    )


def write_connector_configuration(facts: StackFacts) -> None:
    """Write the connector's YAML file: this stack's broker, and one network on it.

    Users with their own broker name another file in `IEC_CONNECTOR_CONFIG`.
    """
    state, ports = facts.state, facts.ports
    source = {
        "name": "hes-simulator",
        "broker": {
            # On this port the broker accepts only clients with a certificate of its authority.
            "url": f"amqps://localhost:{ports['broker-tls']}",
            "user": "connector",
            "password_file": str(state.broker.password_file("connector")),
            "tls": {
                "ca_file": str(state.broker.tls / "ca.pem"),
                "certificate_file": str(state.broker.tls / "connector.pem"),
                "key_file": str(state.broker.tls / "connector.key"),
            },
        },
        "destinations": [_QUEUE, _TOPIC_QUEUE],
        "network": _NETWORK,
        "replies_to": ["queue://REPLY.*"],
    }
    write_private(
        state.connector_configuration,
        "# Written by deploy/local at each start; changes here are lost. Copy it, change the copy,\n"
        "# and start with IEC_CONNECTOR_CONFIG=COPY make up\n"
        + yaml.safe_dump({"sources": [source]}, sort_keys=False),
    )
