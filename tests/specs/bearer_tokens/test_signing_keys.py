"""The issuer's keys: kept while it is away, read again for a key that is new, and never more often than allowed."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwk

from bearer_tokens.signing_keys import (
    Keys,
    KeysNotRead,
    KeyUnknown,
    SigningKeys,
    parse_keys,
    read_keys,
)
from service_chassis.refusals import PeerUnavailable
from tests.neighbours.issuer import Issuer, ec_key, hang, rsa_key, running_issuer

HOUR = 3600.0


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as made:
        yield made


class Reader:
    """The issuer as ``SigningKeys`` sees it; a test lets it answer."""

    def __init__(self) -> None:
        self.readings = 0
        self._begun: asyncio.Queue[int] = asyncio.Queue()
        self.answers: asyncio.Queue[Keys | KeysNotRead] = asyncio.Queue()

    async def __call__(self) -> Keys:
        self.readings += 1
        self._begun.put_nowait(self.readings)
        answer = await self.answers.get()
        if isinstance(answer, KeysNotRead):
            raise answer
        return answer

    async def begun(self, number: int) -> None:
        """Return when this many readings have begun."""
        while await self._begun.get() < number:
            pass

    def answer(self, *names: str) -> None:
        self.answers.put_nowait({name: ec_key(name) for name in names})

    def fail(self) -> None:
        self.answers.put_nowait(KeysNotRead("down"))


async def turns_of_the_loop() -> None:
    """Let everything run that can run without anything from outside."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_new_key_is_found_without_a_refusal(issuer: Issuer) -> None:
    async with aiohttp.ClientSession() as session:
        keys = SigningKeys(lambda: read_keys(session, issuer.jwks_url), pause_seconds=0.01)
        for _ in range(5):
            assert (await keys.key(str(issuer.key.kid))).kid == issuer.key.kid
            issuer.rotate()
        assert issuer.requests == 5


async def test_a_withdrawn_key_ends_with_the_next_reading() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=0.01)
    reader.answer("old")
    await keys.key("old")
    reader.answer("new")
    await keys.key("new")
    reader.answer("new")
    with pytest.raises(KeyUnknown):
        await keys.key("old")


async def test_keys_are_read_now_and_then_without_being_asked_for() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=0.001, refresh_seconds=0.001)
    running = asyncio.create_task(keys.run())
    reader.answer("old")
    await keys.key("old")
    for _ in range(3):
        reader.answer("new")
    await reader.begun(4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await keys.close()
    assert (await keys.key("new")).kid == "new"


async def test_a_flood_of_unknown_keys_makes_one_reading_and_holds_up_no_valid_token() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=HOUR)
    reader.answer("good")
    await keys.key("good")
    flood = [asyncio.create_task(keys.key(f"invented {n}")) for n in range(1000)]
    await turns_of_the_loop()
    assert (await keys.key("good")).kid == "good"
    # The reading that they wait for is not due before the pause is over; who waits is bounded, the others are told.
    assert reader.readings == 1
    told = [task for task in flood if task.done()]
    assert len(told) == 900
    for task in told:
        assert isinstance(task.exception(), PeerUnavailable)
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    await keys.close()


async def test_many_calls_with_a_new_key_share_one_reading() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=HOUR)
    waiting = [asyncio.create_task(keys.key("new")) for _ in range(50)]
    await turns_of_the_loop()
    reader.answer("new")
    assert {key.kid for key in await asyncio.gather(*waiting)} == {"new"}
    assert reader.readings == 1


async def test_who_gives_up_waiting_takes_nothing_from_the_others() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=HOUR)
    first, second = (asyncio.create_task(keys.key("new")) for _ in range(2))
    await turns_of_the_loop()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    reader.answer("new")
    assert (await second).kid == "new"


async def test_a_key_asked_for_in_vain_is_not_asked_for_again_before_the_pause_is_over() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=HOUR)
    reader.answer("good")
    for _ in range(500):
        with pytest.raises(KeyUnknown):
            await keys.key("forged")
    assert reader.readings == 1


async def test_an_answer_that_was_under_way_before_the_key_was_made_decides_nothing() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=0.001)
    early = asyncio.create_task(keys.key("forged"))
    await turns_of_the_loop()
    assert reader.readings == 1
    # Here the issuer begins to sign with a new key; what it is about to answer does not have it yet.
    late = asyncio.create_task(keys.key("new"))
    await turns_of_the_loop()
    reader.answer("old")
    with pytest.raises(KeyUnknown):
        await early
    reader.answer("old", "new")
    assert (await late).kid == "new"


async def test_known_keys_go_on_while_the_issuer_is_down_and_nobody_is_refused_for_it() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=0.001)
    reader.answer("good")
    await keys.key("good")
    for _ in range(3):
        reader.fail()
        with pytest.raises(PeerUnavailable):
            await keys.key("perhaps new")
        assert (await keys.key("good")).kid == "good"


async def test_without_any_keys_a_call_is_to_be_tried_again_until_they_are_there() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=0.001)
    running = asyncio.create_task(keys.run())
    reader.fail()
    with pytest.raises(PeerUnavailable):
        await keys.key("good")
    reader.answer("good")
    while True:
        try:
            assert (await keys.key("good")).kid == "good"
            break
        except PeerUnavailable:
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await keys.close()


async def test_a_failed_reading_is_not_repeated_before_the_pause_is_over() -> None:
    reader = Reader()
    keys = SigningKeys(reader, pause_seconds=HOUR)
    reader.fail()
    for n in range(100):
        with pytest.raises(PeerUnavailable):
            await keys.key(f"any {n}")
    assert reader.readings == 1


async def _not_found(_: web.Request) -> web.StreamResponse:
    return web.json_response({"keys": [rsa_key("rsa").as_dict(private=False)]}, status=404)


async def _moved(_: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/elsewhere"})


async def _nonsense(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>Welcome</html>")


async def _deep(_: web.Request) -> web.StreamResponse:
    return web.Response(text="[" * 100_000)


async def _huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" " * 65536)


async def _broken_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"keys": [')
    assert request.transport is not None
    request.transport.close()
    return response


@pytest.mark.parametrize("answer", [_not_found, _moved, _nonsense, _deep, _huge, _broken_off])
async def test_an_issuer_that_talks_nonsense_is_as_good_as_down(
    issuer: Issuer, answer: object
) -> None:
    issuer.answer = answer  # type: ignore[assignment]
    async with aiohttp.ClientSession() as session:
        with pytest.raises(KeysNotRead):
            await read_keys(session, issuer.jwks_url)


async def test_an_issuer_that_never_answers_is_given_up(issuer: Issuer) -> None:
    issuer.answer = hang
    async with aiohttp.ClientSession() as session:
        with pytest.raises(KeysNotRead, match="TimeoutError"):
            await read_keys(session, issuer.jwks_url, patience_seconds=0.05)


async def test_an_issuer_that_does_not_listen_is_down() -> None:
    async with running_issuer() as gone:
        pass
    async with aiohttp.ClientSession() as session:
        with pytest.raises(KeysNotRead):
            await read_keys(session, gone.jwks_url)


def test_keys_that_cannot_sign_tokens_here_are_passed_over() -> None:
    good = rsa_key("rsa").as_dict(private=False)
    listed = [
        good,
        {**good, "kid": "for encryption", "use": "enc"},
        {**good, "kid": "other algorithm", "alg": "RS512"},
        {**good, "kid": "broken", "n": "!"},
        {**good, "kid": "of another kind", "kty": "oct", "k": "c2VjcmV0"},
        {**good, "kid": 7},
        {name: part for name, part in good.items() if name != "kid"},
        jwk.ECKey.generate_key("P-384", {"kid": "p384"}).as_dict(private=False),
        "nonsense",
        None,
    ]
    assert set(parse_keys(json.dumps({"keys": listed}).encode())) == {"rsa"}


def test_a_short_rsa_key_is_passed_over() -> None:
    raw = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - the very thing
    short = jwk.RSAKey(raw, raw, {"kid": "short"}).as_dict(private=False)
    listed = [short, ec_key("ec").as_dict(private=False)]
    assert set(parse_keys(json.dumps({"keys": listed}).encode())) == {"ec"}


def test_only_the_public_part_of_a_key_is_read() -> None:
    listed = [ec_key("ec").as_dict(private=True)]
    [key] = parse_keys(json.dumps({"keys": listed}).encode()).values()
    assert not key.is_private


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"keys": {}}', '{"keys": []}', '{"keys": [{}]}', "\xff"]
)
def test_a_document_without_usable_keys_is_no_key_set(text: str) -> None:
    with pytest.raises(KeysNotRead):
        parse_keys(text.encode("latin-1"))
