"""Whether a request comes from the page itself: what browsers say about where it was made (CSRF, CORS)."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Return the origin of an address as browsers write it: without a default port, path or capital letters."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    is_default = parts.port in (None, _DEFAULT_PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}{'' if is_default else f':{parts.port}'}"


class OwnOrigins:
    """The page's own address, and those that the allow-list adds."""

    def __init__(self, public_url: str, allowed: Iterable[str]) -> None:
        self._origins = frozenset({origin_of(public_url), *allowed})

    def has_sent(self, headers: Mapping[str, str]) -> bool:
        """Return whether the page made a request that changes something.

        Browsers send ``Origin`` with every POST, and scripts cannot change it. Without it ``Sec-Fetch-Site`` decides.
        A client that sends neither is not a browser, and is refused.
        """
        origin = headers.get("origin")
        if origin is not None:
            return origin in self._origins
        return headers.get("sec-fetch-site") == "same-origin"

    def may_read(self, headers: Mapping[str, str]) -> bool:
        """Whether a GET may be answered: not to a script of another site, which could not read the answer anyhow."""
        origin = headers.get("origin")
        if origin is not None:
            return origin in self._origins
        return headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
