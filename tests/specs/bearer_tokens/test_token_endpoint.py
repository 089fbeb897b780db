"""What a provider answers, in good days and bad ones, and what stands in the errors that people read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from bearer_tokens.token_endpoint import (
    Granted,
    TokenRefused,
    TokenUnavailable,
    ask_as_service,
    ask_for_token,
)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECRET = "s3cret-of-the-client"  # noqa: S105 - nobody's


class Endpoint:
    """A token endpoint on a real port that ``answers`` as the test says."""

    url: str = ""
    answers: Answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return await self.answers(request)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    made = Endpoint()
    app = web.Application()
    app.add_routes([web.post("/token", made.handle)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}/token"
    yield made
    await runner.cleanup()


def saying(text: str, status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        del request
        return web.Response(text=text, status=status)

    return answer


async def ask(endpoint: Endpoint, *, timeout_seconds: float = 20) -> Granted:
    form = {"client_secret": SECRET}
    return await ask_for_token(endpoint.url, form, timeout_seconds=timeout_seconds)


async def test_tokens_come_with_their_lives(endpoint: Endpoint) -> None:
    endpoint.answers = saying(
        '{"access_token": "a", "expires_in": 5, "refresh_token": "r", "refresh_expires_in": 1800}'
    )
    granted = await ask(endpoint)
    assert (granted.access_token, granted.life_seconds) == ("a", 5.0)
    assert (granted.refresh_token, granted.refresh_life_seconds) == ("r", 1800.0)


async def test_an_answer_may_come_in_pieces(endpoint: Endpoint) -> None:
    async def in_pieces(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in (b'{"access_token": ', b'"a", "expires_in"', b": 5}"):
            await response.write(piece)
            await asyncio.sleep(0.01)
        return response

    endpoint.answers = in_pieces
    assert (await ask(endpoint)).access_token == "a"  # noqa: S105


async def test_a_refusal_is_told_with_the_provider_s_words(endpoint: Endpoint) -> None:
    refusal = '{"error": "invalid_client", "error_description": "Invalid client credentials"}'
    endpoint.answers = saying(refusal, 401)
    with pytest.raises(
        TokenRefused, match=r"^invalid_client: Invalid client credentials$"
    ) as refused:
        await ask(endpoint)
    assert refused.value.error == "invalid_client"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"error": "Realm does not exist"}', 404),
        ("", 503),
        ("<html>", 400),
        ("<html>", 200),
        ("[]", 200),
        ('{"token": 1}', 200),
        ('{"access_token": 1}', 200),
        ("x" * 2_000_000, 200),
    ],
)
async def test_whatever_else_it_says_is_trouble_that_passes(
    endpoint: Endpoint, text: str, status: int
) -> None:
    endpoint.answers = saying(text, status)
    with pytest.raises(TokenUnavailable) as trouble:
        await ask(endpoint)
    assert len(str(trouble.value)) < 200
    assert SECRET not in str(trouble.value)


async def test_secrets_do_not_follow_a_redirect(endpoint: Endpoint) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(await request.text())
        return web.Response(status=307, headers={"Location": endpoint.url})

    endpoint.answers = elsewhere
    with pytest.raises(TokenUnavailable, match="status 307"):
        await ask(endpoint)
    assert len(asked) == 1


async def test_a_provider_that_says_nothing_is_given_up_in_time(endpoint: Endpoint) -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        del request
        await asyncio.Event().wait()
        raise AssertionError

    endpoint.answers = never
    with pytest.raises(TokenUnavailable, match=r"does not answer within 0\.2 s"):
        await ask(endpoint, timeout_seconds=0.2)


async def test_a_new_secret_counts_from_the_next_question(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    seen: list[str] = []

    async def remember(request: web.Request) -> web.StreamResponse:
        seen.append(str((await request.post())["client_secret"]))
        return web.json_response({"access_token": "a", "expires_in": 5})

    endpoint.answers = remember
    file = tmp_path / "secret"
    for secret in ("first", "second"):
        file.write_text(f"{secret}\n")
        await ask_as_service(endpoint.url, "device-hub", file, timeout_seconds=20)
    assert seen == ["first", "second"]
    file.unlink()
    with pytest.raises(TokenRefused, match="cannot be read: No such file"):
        await ask_as_service(endpoint.url, "device-hub", file, timeout_seconds=20)
