"""No request body is read beyond a limit; uvicorn has none of its own."""

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _TooLarge(Exception):
    pass


class BodyLimit:
    """Answers 413 to a request whose body is larger than ``most_bytes``, with or without a Content-Length."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0
        answering = False

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most_bytes and not answering:
                raise _TooLarge
            return message

        async def noting(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self._app(scope, limited, noting)
        except ClientDisconnect:
            # The client left before its body arrived: there is no one to answer, and nothing went wrong here.
            return
        except _TooLarge:
            too_large = PlainTextResponse(
                f"the request is larger than {self._most_bytes:,} bytes\n", status_code=413
            )
            await too_large(scope, receive, send)
