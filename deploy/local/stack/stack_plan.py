"""The runtime picture of one machine: every process of a stack.

Each plan's `after` names the processes that it waits for.
"""

from deploy.local.facts.ports import APPS, CALLERS
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.processes.apps import app_plan, bff_plan
from deploy.local.processes.broker import broker_plan
from deploy.local.processes.dapr import control_plane, sidecar
from deploy.local.processes.keycloak import REALM_STEP, keycloak_plans
from deploy.local.processes.mongod import REPLICA_SET_STEP, mongod_plans
from deploy.local.processes.process_plan import ProcessPlan
from deploy.local.processes.prometheus import prometheus_plan
from deploy.local.processes.router import router_plan
from deploy.local.processes.simulator import simulator_plan

# Processes that end; the others run for ever.
STEPS = frozenset({REPLICA_SET_STEP, REALM_STEP})


def neighbours(facts: StackFacts) -> list[ProcessPlan]:
    """Return the database, the broker and the login: things that a utility has already."""
    return [*mongod_plans(facts), broker_plan(facts), *keycloak_plans(facts)]


def stack_plan(facts: StackFacts) -> list[ProcessPlan]:
    """Return every process of the stack; or, for `dapr run`, those that it does not start."""
    plans = [*neighbours(facts), *control_plane(facts), router_plan(facts)]
    plans += prometheus_plan(facts)
    if facts.settings.only == "neighbours":
        return plans
    for name in APPS:
        plans += [sidecar(name, facts), app_plan(name, facts)]
    plans += [sidecar(name, facts) for name in CALLERS]
    plans += [bff_plan(facts)]
    simulator = simulator_plan(facts)
    return [*plans, *([simulator] if simulator else [])]
