"""What `make up` says in the end: read by somebody who has never seen this system."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Literal

import pytest

from deploy.local.facts.ports import WELL_KNOWN
from deploy.local.facts.settings import StackSettings
from deploy.local.facts.stack_facts import StackFacts
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.processes.keycloak import prepare_keycloak
from deploy.local.stack.description import describe_stack, write_description
from deploy.local.stack.stack import Stack
from deploy.local.stack.stack_plan import stack_plan
from deploy.local.stack.welcome import way_in, welcome
from deploy.runtime.paths import Runtime


def _facts(tmp_path: Path, only: Literal["everything", "neighbours"]) -> StackFacts:
    state = StateDirectory(root=tmp_path)
    settings = StackSettings(only=only)
    # Nothing is started: where the programs would be is enough.
    runtime = Runtime(**{field.name: tmp_path / field.name for field in fields(Runtime)})
    facts = StackFacts(
        settings=settings, runtime=runtime, state=state, ports=WELL_KNOWN, environment={}
    )
    prepare_keycloak(state.keycloak, install=runtime.keycloak, ports=WELL_KNOWN)
    write_description(state, describe_stack(facts))
    return facts


def test_the_first_line_is_the_address_to_open_and_a_user_who_can_log_in(tmp_path: Path) -> None:
    facts = _facts(tmp_path, "everything")
    stack = Stack(settings=facts.settings, state=facts.state)
    password = facts.state.keycloak.secrets.user("anna").read_text()
    first, *rest = welcome(stack, first_start=True, seconds=41.25).splitlines()
    url = f"http://localhost:{WELL_KNOWN['bff']}"
    assert first == f"open {url} and log in as anna, password {password} (ready after 41.2 s)"
    assert any(re.match(r"  victor +\S{16}  asset-viewer; network north", line) for line in rest)


def test_a_later_start_says_where_the_password_is_and_shows_none(tmp_path: Path) -> None:
    facts = _facts(tmp_path, "everything")
    stack = Stack(settings=facts.settings, state=facts.state)
    said = welcome(stack, first_start=False, seconds=8)
    file = facts.state.keycloak.secrets.user("anna")
    assert said.startswith(way_in(stack))
    assert f"log in as anna, password in {file}" in said
    for person in ("anna", "victor", "audrey", "ingrid"):
        assert facts.state.keycloak.secrets.user(person).read_text() not in said


@pytest.mark.parametrize("only", ["everything", "neighbours"])
def test_the_router_runs_also_for_dapr_run_where_the_page_needs_it(
    tmp_path: Path, only: Literal["everything", "neighbours"]
) -> None:
    names = {plan.name for plan in stack_plan(_facts(tmp_path, only))}
    assert "router" in names
    assert ("bff" in names) == (only == "everything")
