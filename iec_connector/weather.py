"""Good and bad times of a peer: one log line when they change, none in between."""

import time

import structlog

log = structlog.get_logger()


class Weather:
    """How it goes with ``peer``, for people who read the log."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._bad_since: float | None = None

    @property
    def is_good(self) -> bool:
        return self._bad_since is None

    def bad(self, why: str) -> None:
        if self._bad_since is None:
            self._bad_since = time.monotonic()
            log.warning("peer in trouble, trying again until it is back", peer=self._peer, why=why)

    def good(self) -> None:
        if self._bad_since is not None:
            seconds = round(time.monotonic() - self._bad_since, 1)
            self._bad_since = None
            log.info("peer is back", peer=self._peer, seconds=seconds)
