"""The realm as it really is: who gets which token, and what nobody gets."""

import secrets
from typing import Any

import pytest
from joserfc.jws import extract_compact

from deploy.local.processes.keycloak_realm import confidential_clients, realm_template
from tests.neighbours.keycloak import Keycloak, KeycloakRefused, claims

BOTH = {"smoc-service", "device-hub"}


def audiences(read: dict[str, Any]) -> set[str]:
    said = read.get("aud", [])
    return {said} if isinstance(said, str) else set(said)


async def test_the_hub_s_token_is_for_the_register_alone_and_provisions(
    keycloak: Keycloak,
) -> None:
    read = claims(await keycloak.service_token("device-hub"))
    assert read["iss"] == keycloak.issuer()
    assert read["azp"] == "device-hub"
    assert audiences(read) == {"smoc-service"}
    assert read["realm_access"] == {"roles": ["device-provisioner"]}
    assert "networks" not in read
    assert "resource_access" not in read


async def test_a_script_s_token_reads_every_network_and_writes_nothing(keycloak: Keycloak) -> None:
    read = claims(await keycloak.service_token("meterpark-script"))
    assert audiences(read) == BOTH
    assert set(read["realm_access"]["roles"]) == {"asset-viewer", "auditor", "integration-engineer"}
    assert read["networks"] == ["*"]
    assert read["exp"] - read["iat"] == 300


@pytest.mark.parametrize("client", ["meterpark-page", "bff"])
@pytest.mark.parametrize(
    ("user", "roles", "networks"),
    [
        ("anna", {"asset-manager"}, ["*"]),
        ("victor", {"asset-viewer"}, ["north"]),
        ("audrey", {"auditor", "asset-viewer"}, ["*"]),
        ("ingrid", {"integration-engineer"}, ["*"]),
    ],
)
async def test_a_sample_user_logs_in_and_has_his_roles_and_networks(
    keycloak: Keycloak, client: str, user: str, roles: set[str], networks: list[str]
) -> None:
    read = claims(await keycloak.person_token(user, client=client))
    assert read["preferred_username"] == user
    assert read["azp"] == client
    assert set(read["realm_access"]["roles"]) == roles
    assert read["networks"] == networks
    assert audiences(read) == BOTH


async def test_the_command_logs_in_by_device_code_and_a_refresh_token_serves_once(
    keycloak: Keycloak,
) -> None:
    nobody_s = await _ask_for_device_code(keycloak)
    with pytest.raises(KeycloakRefused, match="authorization_pending"):
        await keycloak.tokens(_with_device_code(nobody_s))

    offer = await _ask_for_device_code(keycloak)
    await keycloak.confirm_device(offer["verification_uri_complete"], "audrey")
    given = await keycloak.tokens(_with_device_code(offer))
    read = claims(given["access_token"])
    assert read["azp"] == "meterpark-cli"
    assert set(read["realm_access"]["roles"]) == {"auditor", "asset-viewer"}
    assert audiences(read) == BOTH
    assert "offline_access" not in given["scope"]
    assert 0 < given["refresh_expires_in"] <= 1800

    first = {
        "grant_type": "refresh_token",
        "client_id": "meterpark-cli",
        "refresh_token": given["refresh_token"],
    }
    second = {**first, "refresh_token": (await keycloak.tokens(first))["refresh_token"]}
    with pytest.raises(KeycloakRefused, match="reuse exceeded"):
        await keycloak.tokens(first)
    with pytest.raises(KeycloakRefused):
        await keycloak.tokens(second)


async def _ask_for_device_code(keycloak: Keycloak) -> dict[str, Any]:
    url = keycloak.described["device_authorization_url"]
    # An offline token would outlive the session; the client cannot have one.
    form = {"client_id": "meterpark-cli", "scope": "openid offline_access"}
    async with keycloak.http.post(url, data=form) as answer:
        assert answer.status == 200, await answer.text()
        offered: dict[str, Any] = await answer.json()
    return offered


def _with_device_code(offered: dict[str, Any]) -> dict[str, str]:
    return {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "meterpark-cli",
        "device_code": offered["device_code"],
    }


async def test_no_token_of_our_clients_holds_more_than_the_roles_listed_for_its_client(
    keycloak: Keycloak,
) -> None:
    listed = {one["client"]: set(one["roles"]) for one in realm_template()["scopeMappings"]}
    for client in await keycloak.admin("GET", "/clients"):
        if client["clientId"] in listed:
            assert not client["fullScopeAllowed"], client["clientId"]
            path = f"/clients/{client['id']}/scope-mappings/realm"
            held = {role["name"] for role in await keycloak.admin("GET", path)}
            assert held == listed.pop(client["clientId"])
    assert not listed


async def test_no_client_of_the_realm_takes_passwords_directly(keycloak: Keycloak) -> None:
    made_by_keycloak = {
        "account",
        "account-console",
        "admin-cli",
        "broker",
        "realm-management",
        "security-admin-console",
    }
    clients = await keycloak.admin("GET", "/clients")
    made_by_us = {client["clientId"] for client in realm_template()["clients"]}
    ours = [one for one in clients if one["clientId"] in made_by_us | made_by_keycloak]
    assert len(ours) == len(made_by_us | made_by_keycloak)
    for client in ours:
        assert not client["directAccessGrantsEnabled"], client["clientId"]
        assert not client["implicitFlowEnabled"], client["clientId"]
        form = {
            "grant_type": "password",
            "client_id": client["clientId"],
            "username": "anna",
            "password": keycloak.password("anna"),
        }
        if client["clientId"] in confidential_clients():
            form["client_secret"] = keycloak.client_secret(client["clientId"])
        with pytest.raises(KeycloakRefused):
            await keycloak.tokens(form)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://park.example/", "http://localhost.example/", "http://localhost@park.example/"],
)
async def test_a_login_never_leads_to_another_machine(keycloak: Keycloak, elsewhere: str) -> None:
    asked = {
        "client_id": "meterpark-page",
        "response_type": "code",
        "redirect_uri": elsewhere,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    url = f"{keycloak.issuer()}/protocol/openid-connect/auth"
    async with keycloak.http.get(url, params=asked, allow_redirects=False) as answer:
        assert answer.status == 400


async def test_a_login_without_proof_of_who_asked_is_refused(keycloak: Keycloak) -> None:
    asked = {"response_type": "code", "redirect_uri": "http://localhost/"}
    url = f"{keycloak.issuer()}/protocol/openid-connect/auth"
    for client in ("meterpark-page", "bff"):
        async with keycloak.http.get(
            url, params={**asked, "client_id": client}, allow_redirects=False
        ) as answer:
            assert "error=invalid_request" in answer.headers["Location"]
            assert "code_challenge" in answer.headers["Location"]


async def test_a_person_can_neither_see_nor_change_which_networks_are_his(
    keycloak: Keycloak,
) -> None:
    client = f"test-{secrets.token_hex(6)}"
    # Full scope: the token holds the person's right to edit his own account.
    secret = await keycloak.make_client(
        client, fullScopeAllowed=True, directAccessGrantsEnabled=True
    )
    granted = await keycloak.tokens(
        {
            "grant_type": "password",
            "client_id": client,
            "client_secret": secret,
            "username": "victor",
            "password": keycloak.password("victor"),
        }
    )
    assert (
        "manage-account" in claims(granted["access_token"])["resource_access"]["account"]["roles"]
    )
    account = f"{keycloak.issuer()}/account/"
    headers = {"Authorization": f"Bearer {granted['access_token']}", "Accept": "application/json"}
    async with keycloak.http.get(account, headers=headers) as answer:
        mine = await answer.json()
    assert mine["username"] == "victor"
    assert "networks" not in mine.get("attributes", {})

    renamed = {**mine, "lastName": "Visitor"}
    async with keycloak.http.post(account, headers=headers, json=renamed) as answer:
        assert answer.status == 204, "he may edit what is his"
    greedy = {**mine, "attributes": {"networks": ["*"]}}
    async with keycloak.http.post(account, headers=headers, json=greedy) as answer:
        assert answer.status in {204, 400}, await answer.text()
    [stored] = await keycloak.admin("GET", "/users?username=victor&exact=true")
    assert stored["attributes"] == {"networks": ["north"]}
    assert claims(await keycloak.person_token("victor"))["networks"] == ["north"]


async def test_nobody_registers_himself(keycloak: Keycloak) -> None:
    realm = await keycloak.admin("GET", "")
    assert not realm["registrationAllowed"]
    assert not realm["resetPasswordAllowed"]


async def test_who_guesses_passwords_is_shut_out_even_with_the_right_one(
    keycloak: Keycloak,
) -> None:
    name = f"test-{secrets.token_hex(6)}"
    password = secrets.token_urlsafe(12)
    secret = await keycloak.make_client(name, directAccessGrantsEnabled=True)
    right = {"type": "password", "value": password}
    await keycloak.admin(
        "POST", "/users", {"username": name, "enabled": True, "credentials": [right]}
    )
    form = {
        "grant_type": "password",
        "client_id": name,
        "client_secret": secret,
        "username": name,
        "password": password,
    }
    await keycloak.tokens(form)
    for guess in range(10):
        with pytest.raises(KeycloakRefused, match="invalid_grant"):
            await keycloak.tokens({**form, "password": f"guess {guess}"})
    with pytest.raises(KeycloakRefused, match="invalid_grant"):
        await keycloak.tokens(form)


async def test_a_new_key_signs_at_once_and_the_old_one_stays_published(keycloak: Keycloak) -> None:
    realm = f"rotation-{secrets.token_hex(4)}"
    await keycloak.make_realm(realm)
    secret = await keycloak.make_service("service", roles=["auditor"], realm=realm)
    old = _key_id(await keycloak.service_token("service", secret=secret, realm=realm))
    await keycloak.rotate_keys(realm=realm)
    new = _key_id(await keycloak.service_token("service", secret=secret, realm=realm))
    assert new != old
    assert {old, new} <= set(await keycloak.key_ids(realm=realm))


def _key_id(token: str) -> str:
    return str(extract_compact(token.encode()).headers()["kid"])


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "HS512"])
async def test_tests_can_have_real_tokens_of_other_algorithms(
    keycloak: Keycloak, algorithm: str
) -> None:
    token = await keycloak.token(
        roles=["auditor"], networks=["south"], audiences=["device-hub"], algorithm=algorithm
    )
    assert extract_compact(token.encode()).headers()["alg"] == algorithm
    read = claims(token)
    assert read["realm_access"] == {"roles": ["auditor"]}
    assert read["networks"] == ["south"]
    assert audiences(read) == {"device-hub"}
