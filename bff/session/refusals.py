"""Why a request of the page is refused, for the page and for the user: always in the shape of GraphQL's errors."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from bff.failures import Failure

LOGIN_PATH = "/page/login"


class PageRefused(Exception):
    """``code`` is for programs, ``message`` for people; ``headers`` go into the answer."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.more = more

    def answer(self) -> JSONResponse:
        extensions = {"code": self.code, **self.more}
        errors = [{"message": self.message, "extensions": extensions}]
        return JSONResponse({"errors": errors}, status_code=self.status, headers=self.headers)


def not_logged_in(why: str = "not logged in") -> PageRefused:
    return PageRefused(HTTPStatus.UNAUTHORIZED, "NOT_LOGGED_IN", why, loginPath=LOGIN_PATH)


def not_from_the_page(why: str) -> PageRefused:
    return PageRefused(HTTPStatus.FORBIDDEN, "NOT_FROM_THE_PAGE", why)


def not_served(failure: Failure) -> PageRefused:
    """The page named a document that it was not built with, or sent one where only those are served."""
    return PageRefused(
        HTTPStatus.BAD_REQUEST, failure.code.value, failure.message, reason=failure.reason
    )


def too_often(wait_seconds: int) -> PageRefused:
    return PageRefused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "TOO_MANY_REQUESTS",
        f"too many requests, try again in {wait_seconds} s",
        headers={"Retry-After": str(wait_seconds)},
    )


def away(code: str, message: str) -> PageRefused:
    """A peer behind this process does not answer; ``message`` says which."""
    headers = {"Retry-After": "2"}
    return PageRefused(HTTPStatus.SERVICE_UNAVAILABLE, code, message, headers=headers)


def address_of(request: Request) -> str:
    """Return the key for limits, and the name for the log, when no user is logged in."""
    return request.client.host if request.client else ""
