"""What happens to a device when the time of a plan has come.

The result does not depend on when this runs: a plan is carried out as of its effective date, before any command with a
later date.
"""

from datetime import datetime

from device_hub.device.attributes import STATED_LIFECYCLE
from device_hub.device.commands import Configure, Link, ReportFacts, Unlink
from device_hub.device.deciding import configuring
from device_hub.device.events import Event
from device_hub.device.events.planned import PlanCarriedOut
from device_hub.device.evolution import evolve, fold
from device_hub.device.plan import Plan, PlanKind
from device_hub.device.refusal import Refused
from device_hub.device.state import Device
from device_hub.device.values import Configuration, Lifecycle, Occurrence, Switch


def carried_out(device: Device, now: datetime) -> list[Event]:
    """Return what the plans do that are due by ``now``, soonest first."""
    events: list[Event] = []
    for plan in device.plans:
        if plan.effective_at > now:
            break
        done = _carry_out(device, plan)
        device = fold(device, done)
        events += done
    return events


def _carry_out(device: Device, plan: Plan) -> list[Event]:
    done = PlanCarriedOut(plan=plan)
    try:
        return [done, *_effect(evolve(device, done), plan)]
    except Refused as refused:
        # It was in order when it was announced: the device has become too much for it since.
        return [PlanCarriedOut(plan=plan, refused=refused.detail)]


def _effect(device: Device, plan: Plan) -> list[Event]:
    at = plan.effective_at
    when = Occurrence(at=at, stated_at=at, received_at=at)
    facts = ReportFacts(network=device.network, identifier=device.identifier, received_at=at)
    words = dict(plan.said)
    place, parent = words.get("usage_point", ""), words.get("parent", "")
    match plan.kind:
        case PlanKind.LINK:
            area = words.get("area", "")
            command = Link(facts=facts, usage_point=place, area=area, parent=parent)
            return configuring.link(device, command, when)
        case PlanKind.UNLINK:
            left = Unlink(facts=facts, usage_point=place, parent=parent)
            return configuring.unlink(device, left, when)
        case PlanKind.CONFIGURATION:
            lifecycle, switch = words.pop(STATED_LIFECYCLE, ""), words.pop("switch", "")
            said = Configuration(
                attributes=words,
                lifecycle=Lifecycle(lifecycle) if lifecycle else None,
                switch=Switch(switch) if switch else None,
            )
            return configuring.configure(device, Configure(facts=facts, configuration=said), when)
