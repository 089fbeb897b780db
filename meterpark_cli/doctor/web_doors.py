"""The local stack's doors for browsers and programs: do they say that they are ready."""

# ruff: noqa: PLC0415 - the other commands do not wait for the HTTP client

from urllib.parse import urljoin

from meterpark_cli.stack.local_stack import LocalStack

_LONGEST_ANSWER = 200


def web_doors(stack: LocalStack) -> dict[str, str]:
    """Return where each door says whether it is ready, by the name of its process."""
    doors = {"bff": stack.bff, "router": stack.router}
    return {name: urljoin(door.url, "/readyz") for name, door in doors.items() if door is not None}


async def trouble_at(url: str, timeout_seconds: float) -> str | None:
    """Return why the server at ``url`` is not ready; None when it is."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            said = (await answer.content.read(_LONGEST_ANSWER)).decode(errors="replace").strip()
            why = f": {said}" if said else ""
            return None if answer.ok else f"{url} answers {answer.status}{why}"
    except TimeoutError:
        return f"{url} does not answer within {timeout_seconds:g} s"
    except (aiohttp.ClientError, OSError) as error:
        return f"{url} cannot be reached: {error}"
