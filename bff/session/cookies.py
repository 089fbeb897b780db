"""The two cookies of the page: the session's, and the browser's number while it logs in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from fastapi import Response

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
# Base64url of 32 bytes.
_LETTERS = 43


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """Name and attributes of a cookie; its value is a random number."""

    name: str
    path: str
    secure: bool
    max_age_seconds: int | None
    # Lax: sent along when the provider leads back here, and with no form or script of another site.
    same_site: Literal["lax"] = "lax"

    def read(self, cookies: Mapping[str, str]) -> str | None:
        """Return the number, None for none and for anything that cannot be one."""
        said = cookies.get(self.name, "")
        return said if len(said) == _LETTERS and said.isascii() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCookies:
    session: Cookie
    login: Cookie


def page_cookies(public_url: str, *, login_seconds: int) -> PageCookies:
    """Return the cookies of a page at ``public_url``.

    Over HTTPS their names begin with ``__Host-``: browsers take such a cookie only from this very host, over HTTPS,
    with the path "/", so no neighbouring name can plant one (RFC 6265bis, 4.1.3.2). On this machine over plain HTTP
    there is no such promise, and all ports share their cookies: there the port is part of the name, and the path is
    the login's own.
    """
    address = urlsplit(public_url)
    secure = address.scheme == "https"
    prefix, path, suffix = ("__Host-", "/", "") if secure else ("", "/page", f"-{address.port}")

    def cookie(name: str, max_age_seconds: int | None) -> Cookie:
        return Cookie(
            name=f"{prefix}meterpark-{name}{suffix}",
            path=path,
            secure=secure,
            max_age_seconds=max_age_seconds,
        )

    # The session's has no age: it ends with the browser, and in any case with the session behind it.
    return PageCookies(session=cookie("session", None), login=cookie("login", login_seconds))


def is_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in _THIS_MACHINE


def set_cookie(answer: Response, cookie: Cookie, number: str) -> None:
    answer.set_cookie(value=number, max_age=cookie.max_age_seconds, **attributes(cookie))


def attributes(cookie: Cookie) -> dict[str, Any]:
    return {
        "key": cookie.name,
        "path": cookie.path,
        "secure": cookie.secure,
        "httponly": True,
        "samesite": cookie.same_site,
    }
