"""The doctor asks the stack's doors for browsers and programs, and says which one is not ready, and why."""

from aiohttp import web

from meterpark_cli.doctor.web_doors import trouble_at, web_doors
from meterpark_cli.stack.local_stack import LocalStack
from tests.neighbours.ports import free_ports


def test_each_door_is_asked_where_it_says_whether_it_is_ready() -> None:
    stack = LocalStack.model_validate(
        {
            "stack": "default",
            "sidecars": {},
            "bff": {"url": "http://localhost:20190"},
            "router": {"url": "http://localhost:20191/graphql"},
        }
    )
    assert web_doors(stack) == {
        "bff": "http://localhost:20190/readyz",
        "router": "http://localhost:20191/readyz",
    }
    assert web_doors(LocalStack(stack="of an older version", sidecars={})) == {}


async def test_a_door_that_is_not_ready_says_why() -> None:
    async def ready(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def unready(_: web.Request) -> web.Response:
        return web.Response(status=503, text="the own sidecar cannot be reached\n")

    app = web.Application()
    app.router.add_get("/readyz", ready)
    app.router.add_get("/not/readyz", unready)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        assert await trouble_at(f"{url}/readyz", 10) is None
        trouble = await trouble_at(f"{url}/not/readyz", 10)
        assert trouble == f"{url}/not/readyz answers 503: the own sidecar cannot be reached"
    finally:
        await runner.cleanup()


async def test_a_door_that_nobody_is_behind_is_named() -> None:
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}/readyz"
    trouble = await trouble_at(url, 10)
    assert trouble is not None
    assert trouble.startswith(f"{url} cannot be reached")
