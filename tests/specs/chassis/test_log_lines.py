"""Lines of the log that warn are counted by what they say, of libraries by their name."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from service_chassis.logs import LogLines, configure_logs


@pytest.fixture
def lines() -> Iterator[LogLines]:
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield configure_logs("hub")
    structlog.configure(**before)
    structlog.contextvars.unbind_contextvars("service")
    root.handlers, root.level = handlers, level


def test_warnings_and_errors_are_counted_by_what_they_say(lines: LogLines) -> None:
    log = structlog.get_logger()
    log.info("hub serves")
    log.warning("call denied", method="A")
    log.warning("call denied", method="B")
    log.error("a report ended in a defect", exc_info=ValueError("ours"))
    assert lines.counts == {
        ("warning", "call denied"): 2,
        ("error", "a report ended in a defect"): 1,
    }


def test_a_library_is_counted_by_its_name_whatever_it_says(lines: LogLines) -> None:
    for number in range(3):
        logging.getLogger("pymongo.topology").warning("server %d is away", number)
    assert lines.counts == {("warning", "pymongo.topology"): 3}
