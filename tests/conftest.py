"""Neighbours that tests ask for by name; one each per run, as starting them is what costs."""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import structlog
from _pytest.nodeid import NodeId
from hypothesis import settings
from structlog.dev import ConsoleRenderer, plain_traceback

from tests.neighbours.artemis import Artemis
from tests.neighbours.broker import Broker
from tests.neighbours.data_folder import data_folder, remove_those_of_ended_runs
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.mongod import Mongod
from tests.neighbours.stack import RunningStack

# No law is about time, and the machine is shared.
settings.register_profile("shared-machine", deadline=None)
# For the person at work (`make specs`): a twentieth of the examples of every law. CI draws them all.
settings.register_profile("quick", deadline=None, max_examples=5)
settings.load_profile("shared-machine")


@pytest.fixture(scope="session")
def mongod() -> Iterator[Mongod]:
    """A mongod for the whole run; who wants to stop it starts its own with `Mongod.started`."""
    folder = data_folder()
    started = Mongod.started(folder)
    yield started
    started.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mongod_url(mongod: Mongod) -> str:
    """URL of a replica set; take a database name of your own, as the run shares it."""
    return mongod.url


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for the whole run; take destination names of your own, as the run shares it."""
    started = Broker.started(tmp_path_factory.mktemp("broker"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def artemis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Artemis]:
    """The other broker, for the whole run; take destination names of your own here, too."""
    started = Artemis.started(tmp_path_factory.mktemp("artemis"))
    yield started
    started.stop()


# Ends the stack of this process, once.
_END_STACK = pytest.StashKey[Callable[[], None]]()


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Iterator[RunningStack]:
    """The whole system with everything that `make up` starts but the simulator, once per run.

    The hub's tokens live for 5 seconds in it: whatever a test does, they end on the way.
    """
    folder = data_folder()
    # As below XDG_STATE_HOME, for programs that look for a stack there.
    (folder / "meterpark").mkdir()
    started = RunningStack.started(folder / "meterpark", os.environ)
    _let_tokens_of_the_hub_live(5, started)

    def end() -> None:
        left = started.stop()
        shutil.rmtree(folder)
        assert left == [], f"still running: {left}"

    with ExitStack() as ending:
        ending.callback(end)
        pytestconfig.stash[_END_STACK] = ending.close
        yield started


@pytest.fixture(scope="session")
async def keycloak(stack: RunningStack) -> AsyncIterator[Keycloak]:
    """The stack's Keycloak; take names of your own for what you make in it."""
    async with Keycloak.of_stack(stack.description["keycloak"]) as found:
        yield found


def _let_tokens_of_the_hub_live(seconds: int, stack: RunningStack) -> None:
    async def set_them() -> None:
        async with Keycloak.of_stack(stack.description["keycloak"]) as keycloak:
            await keycloak.set_token_seconds("device-hub", seconds)

    # In a thread: the loop of the tests is not running yet.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, set_them()).result()


# In a run in several processes: what takes long begins first, so that all of them have work until the end.
_LONGEST_FIRST = (
    *("the system's stack", "the doors' stack"),
    *("tests/deploy", "tests/adapters", "tests/bulk", "tests/contracts"),
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say for a run in several processes (`--dist loadgroup`) which tests belong into one of them.

    It has to come first: pytest-xdist reads the markers in a hook of the same name, and would find none.

    Each process has at most one stack. The tests of the whole system take one, those that only come to its doors,
    the page's among them, another: together they would take longer than all the rest. All others share what their
    file starts.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turn(_group(item)))
    for item in items:
        group = _group(item)
        item.add_marker(pytest.mark.xdist_group(group))
        if getattr(config.option, "loadgroup", False):
            _name_group(item, group)


def _group(item: pytest.Item) -> str:
    if not _needs_stack(item):
        return item.nodeid.partition("::")[0]
    at_the_doors = item.nodeid.startswith(("tests/adapters", "tests/browser", "tests/deploy"))
    return "the doors' stack" if at_the_doors else "the system's stack"


def _name_group(item: pytest.Item, group: str) -> None:
    """Write a test's group where pytest 9.2 reads its id; pytest-xdist 3.8 writes it elsewhere (its issue 1386)."""
    item._id = NodeId.parse(f"{item.nodeid}@{group}")


def _check_groups(session: pytest.Session) -> None:
    """Fail where pytest-xdist takes no notice of groups: each process would start what the other one has, too."""
    if getattr(session.config.option, "loadgroup", False):
        ungrouped = [item for item in session.items if not item.nodeid.endswith(f"@{_group(item)}")]
        assert ungrouped == [], (
            "the groups of tests/conftest.py are not in the ids that pytest-xdist reads"
        )


def _turn(group: str) -> int:
    begins = [group.startswith(one) for one in _LONGEST_FIRST]
    return begins.index(True) if True in begins else len(begins)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """In a run in several processes, end a stack with the last test of its group.

    What nobody asks takes a fifth of a processor all the same, until the run ends. Nobody asks later: the groups
    of the stacks come first.
    """
    yield
    is_last = _needs_stack(item) and not _needs_stack(nextitem)
    end = item.config.stash.get(_END_STACK, None)
    if hasattr(item.config, "workerinput") and is_last and end is not None:
        end()


def _needs_stack(item: pytest.Item | None) -> bool:
    return "stack" in getattr(item, "fixturenames", ())


def pytest_sessionstart() -> None:
    """Spare a run what it has no use for: looking for garbage in what is imported, drawing tracebacks for the logs."""
    gc.disable()
    remove_those_of_ended_runs()
    *others, last = structlog.get_config()["processors"]
    assert isinstance(last, ConsoleRenderer)
    plain = ConsoleRenderer(colors=False, exception_formatter=plain_traceback)
    structlog.configure(processors=[*others, plain])


def pytest_collection_finish(session: pytest.Session) -> None:
    """From now on there is garbage; what was imported for the whole run is none, and is never looked at again."""
    _check_groups(session)
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The command quietens the logs of its process; a test that runs it here leaves the others theirs."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the stack's processes logged when a test that uses the stack fails."""
    report = yield
    running = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(running, RunningStack):
        report.sections.append(("the stack's logs", running.end_of_logs()))
    return report
