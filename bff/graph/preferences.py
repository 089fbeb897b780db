"""What a person chose of how the page looks, in every browser."""

from typing import Annotated

import strawberry
from meterpark.smoc.v1 import view_service_pb2 as wire

from bff.graph.asking.context import Info
from bff.graph.refusals import ArgumentInvalid, NotAllowed, TooMany


@strawberry.type(description="A choice, as the page knows it.")
class Preference:
    name: str
    value: str


@strawberry.type
class PreferenceSet:
    preference: Preference


SetPreferenceResult = Annotated[
    PreferenceSet | TooMany | NotAllowed | ArgumentInvalid,
    strawberry.union("SetPreferenceResult"),
]


async def preferences(info: Info) -> list[Preference]:
    """What the viewer chose of how the page looks, by name."""
    asking = info.context.asking
    answer = await asking.ask(asking.register.views.GetPreferences, wire.GetPreferencesRequest())
    return [Preference(name=one.name, value=one.value) for one in answer.preferences]


async def set_preference(info: Info, name: str, value: str) -> SetPreferenceResult:
    """Keeps a choice: a name of up to 40 characters, a value of up to 1,000; 20 choices of one person."""
    asking = info.context.asking
    request = wire.SetPreferenceRequest(preference=wire.Preference(name=name, value=value))
    await asking.ask(asking.register.views.SetPreference, request)
    return PreferenceSet(preference=Preference(name=name, value=value))
