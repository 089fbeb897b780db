"""The word ``meterpark feeds``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    JsonOption,
    SidecarOption,
    TimeoutOption,
    asking,
)


def feeds(
    *,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show what comes in, by source and network: connection, rate, delay, last message.

    Rate and longest way are those of the last five minutes. "-" is what is not known, which is not 0.

    \b
    For example:
      meterpark feeds
      meterpark feeds --json | jq '.feeds[] | select(.connected | not)'
    """
    from meterpark_cli.feeds.feeds import show_feeds

    run(show_feeds(asking(sidecar, timeout, as_json)))
