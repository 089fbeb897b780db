"""What a person chose, through gRPC: theirs alone, bounded, and nothing that is none."""

import asyncio
from typing import Any

import pytest
from meterpark.smoc.v1 import view_service_pb2, view_service_pb2_grpc

from tests.neighbours.smoc.kept_alarms import reason
from tests.neighbours.smoc.running import Smoc, running


def asked_by(smoc: Smoc, name: str, **about: Any) -> Any:
    return smoc.asked_by(view_service_pb2_grpc.ViewServiceStub, name, **about)


def chosen(name: str, value: str = "x") -> view_service_pb2.SetPreferenceRequest:
    preference = view_service_pb2.Preference(name=name, value=value)
    return view_service_pb2.SetPreferenceRequest(preference=preference)


async def kept(views: Any) -> dict[str, str]:
    answer = await views.GetPreferences(view_service_pb2.GetPreferencesRequest())
    return {one.name: one.value for one in answer.preferences}


@pytest.mark.parametrize("role", ["asset-viewer", "auditor", "integration-engineer"])
async def test_what_a_person_chose_is_theirs_whatever_their_role(
    mongod_url: str, role: str
) -> None:
    async with running(mongod_url) as smoc:
        person = asked_by(smoc, "person", role=role)
        assert await kept(person) == {}
        await person.SetPreference(chosen("density", "comfortable"))
        await person.SetPreference(chosen("page-size", "100"))
        await person.SetPreference(chosen("density", "dense"))
        assert await kept(person) == {"density": "dense", "page-size": "100"}
        assert await kept(asked_by(smoc, "anna")) == {}


async def test_choices_at_once_are_all_kept_and_no_more_than_there_is_room_for(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        await asyncio.gather(*(anna.SetPreference(chosen(f"c{n}")) for n in range(20)))
        assert len(await kept(anna)) == 20
        assert await reason(anna.SetPreference(chosen("another"))) == "TOO_MANY"
        # One that is there may change.
        await anna.SetPreference(chosen("c7", "y"))
        assert (await kept(anna))["c7"] == "y"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "x"),
        ("Density", "x"),
        ("$set", "x"),
        ("a.b", "x"),
        ("_id", "x"),
        ("a" * 41, "x"),
        ("density", "x" * 1_001),
        ("density", "a\x00b"),
        ("density", "a\nb"),
    ],
)
async def test_what_is_no_choice_is_refused(mongod_url: str, name: str, value: str) -> None:
    async with running(mongod_url) as smoc:
        anna = asked_by(smoc, "anna")
        assert await reason(anna.SetPreference(chosen(name, value))) == "ARGUMENT_INVALID"
        assert await kept(anna) == {}
