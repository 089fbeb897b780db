"""The role that the command names to a person who lacks it is the one that the service wants."""

import pytest

from bearer_tokens.access import AccessTable, Roles
from device_hub.access import TABLE as HUB
from meterpark_cli.services.roles_needed import ROLES_NEEDED, roles_needed
from smoc_service.access import TABLE as REGISTER

ASKED_BY_PEOPLE = [
    (app_id, method.rpartition("/")[2], rule.any_of)
    for app_id, table in (("device-hub", HUB), ("smoc-service", REGISTER))
    for method, rule in table.items()
    if isinstance(rule, Roles) and "ProvisioningService" not in method
]


@pytest.mark.parametrize(("app_id", "method", "roles"), ASKED_BY_PEOPLE)
def test_the_role_that_is_named_is_the_one_that_is_wanted(
    app_id: str, method: str, roles: frozenset[str]
) -> None:
    assert set(roles_needed(app_id, method)) == roles


def test_there_are_methods_that_people_ask() -> None:
    assert {app_id for app_id, _, _ in ASKED_BY_PEOPLE} == {"device-hub", "smoc-service"}


@pytest.mark.parametrize(("app_id", "table"), [("device-hub", HUB), ("smoc-service", REGISTER)])
def test_no_role_is_told_for_a_method_that_does_not_exist(app_id: str, table: AccessTable) -> None:
    methods = {method.rpartition("/")[2] for method in table}
    assert set(ROLES_NEEDED[app_id]) - {""} <= methods
