"""Which peers can be reached, with which identity: sidecar, Keycloak, login, broker, the doors of page and graph."""

import asyncio
import os
from collections.abc import AsyncIterator

from meterpark_cli.doctor.check import Check
from meterpark_cli.doctor.web_doors import trouble_at, web_doors
from meterpark_cli.failures import Failure
from meterpark_cli.login.identity import Identity
from meterpark_cli.login.provider import reach
from meterpark_cli.login.whoami import NOT_LOGGED_IN, look, networks_told
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import Park
from meterpark_cli.stack.broker import open_broker
from meterpark_cli.stack.broker_access import find_broker
from meterpark_cli.stack.local_stack import read_stack


async def sidecar(park: Park, timeout_seconds: float) -> Check:
    try:
        async with asyncio.timeout(timeout_seconds):
            await park.channel.channel_ready()
    except TimeoutError:
        return Check(
            name="sidecar",
            state="wrong",
            finding=f"nothing answers at {park.sidecar}",
            remedy="make status says what does not run, make up starts it",
        )
    return Check(name="sidecar", state="fine", finding=f"reached at {park.sidecar}")


async def login(identity: Identity) -> AsyncIterator[Check]:
    if identity.issuer:
        try:
            await reach(identity.issuer)
        except Failure as failure:
            remedy = "is Keycloak up? make status; make logs P=keycloak"
            yield Check(name="keycloak", state="wrong", finding=str(failure), remedy=remedy)
        else:
            finding = f"reached at {identity.issuer}"
            yield Check(name="keycloak", state="fine", finding=finding)
    if identity.tokens is None:
        yield Check(name="login", state="not checked", finding=NOT_LOGGED_IN)
        return
    try:
        who = await look(identity, identity.tokens)
    except Failure as failure:
        remedy = "meterpark whoami; meterpark login"
        yield Check(name="login", state="wrong", finding=str(failure), remedy=remedy)
        return
    claims = who.claims
    yield Check(
        name="login",
        state="fine" if claims.roles and claims.networks else "wrong",
        finding=f"{claims.name}: roles {', '.join(claims.roles) or 'none'};"
        f" networks {networks_told(claims)}",
        remedy=""
        if claims.roles and claims.networks
        else "the administrator of Keycloak can assign roles and networks",
    )


async def broker(timeout_seconds: float) -> Check:
    name = "broker"
    try:
        access = find_broker(os.environ)
        if access is None:
            return Check(
                name=name,
                state="not checked",
                finding="none is known: METERPARK_BROKER_URL names it",
            )
        async with open_broker(access, timeout_seconds):
            return Check(name=name, state="fine", finding=f"accepts our login at {access.url}")
    except Failure as failure:
        return Check(
            name=name, state="wrong", finding=str(failure), remedy="make status; make logs"
        )


async def doors(asking: Asking) -> AsyncIterator[Check]:
    """Only the local stack says where its doors are."""
    stack = None if asking.sidecar else read_stack(os.environ)
    for name, url in web_doors(stack).items() if stack else ():
        trouble = await trouble_at(url, asking.timeout_seconds)
        yield Check(
            name=name,
            state="wrong" if trouble else "fine",
            finding=trouble or f"ready at {url.removesuffix('/readyz')}",
            remedy=f"make status; make logs P={name}" if trouble else "",
        )
