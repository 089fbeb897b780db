"""Headers of every answer: what the browser must not do."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    # Nothing of here is a page with scripts, pictures or frames.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The callback's address holds a code.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Nobody else's page loads an answer of here into itself.
    "Cross-Origin-Resource-Policy": "same-origin",
    # The page asks for none of these, and nothing that got into it shall.
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # A balancer in between must not collect a stream before it passes it on.
    "X-Accel-Buffering": "no",
}
_OVER_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


class ResponseHeaders:
    """Adds them to each answer that has not said otherwise."""

    def __init__(self, app: ASGIApp, *, over_https: bool) -> None:
        self._app = app
        self._headers = _ALWAYS | (_OVER_HTTPS if over_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
