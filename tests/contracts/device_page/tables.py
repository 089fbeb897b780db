"""The tables of device_hub/device/README.md: `python -m tests.contracts.device_page.tables` writes them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from device_hub.device.commands import Command
from device_hub.device.events import Event
from device_hub.device.events.recorded import RecordedEvent
from tests.contracts.device_page.changed import changed_by, examples
from tests.contracts.device_page.decided import deciders, events_of, events_of_plans

PAGE: Final = Path(__file__).parents[3] / "device_hub" / "device" / "README.md"
_EVENTS: Final = get_args(Event)
_RECORDED: Final = get_args(RecordedEvent)


def tables() -> dict[str, str]:
    """Return each table of the page, by its name."""
    return {"commands": "\n".join(_commands()), "events": "\n".join(_events())}


def _commands() -> Iterator[str]:
    yield _row("command", "who decides", "events", "concluded from it")
    yield _row(*["---"] * 4)
    rows = [(f"`{kind.__name__}`", deciders(kind), *events_of(kind)) for kind in get_args(Command)]
    rows.append(("any, when a plan is due", ["plans.carrying_out.carried_out"], *events_of_plans()))
    for name, who, said, concluded in rows:
        cells = (name, _listed(who) or "see the last row")
        yield _row(*cells, _listed_events(said), _listed_events(concluded))


def _events() -> Iterator[str]:
    yield _row(
        "event", "stored as", "kind: sentence", "changes in `Device`", "facets that others see"
    )
    yield _row(*["---"] * 5)
    for kind in _EVENTS:
        entry = next(examples(kind)).entry()
        names, seen = changed_by(kind)
        changed = "all that both say" if "parts" in names else _listed(names)
        said = f"{entry.kind}: {entry.summary}"
        yield _row(f"`{kind.__name__}`", kind.STORED, said, changed, ", ".join(seen))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _listed(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _listed_events(kinds: set[type[Any]]) -> str:
    left, words = set(kinds), []
    if left >= {*_RECORDED}:
        left -= {*_RECORDED}
        words = ["the event of its meaning"]
    return ", ".join([*words, *(f"`{one.__name__}`" for one in _EVENTS if one in left)])


def written(page: str, contents: Mapping[str, str]) -> str:
    """Return the page with its tables as the code has them."""
    for name, table in contents.items():
        begin, end = f"<!-- {name}: made from the code -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = before + begin + table + end + after
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), tables()), encoding="utf-8")
