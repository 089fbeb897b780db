"""`meterpark import` against the register's real door for imports, a real MongoDB and the hub's own door behind it."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from meterpark.smoc.v1.import_service_pb2_grpc import add_ImportServiceServicer_to_server

from service_chassis.caller import Caller, set_caller
from service_chassis.scope import Scope
from service_chassis.server import serving
from smoc_service.imports.composition import open_imports
from smoc_service.imports.door import ImportDoor
from smoc_service.services import translate
from tests.neighbours.smoc.importing import Importing, importing, meters
from tests.specs.cli.command import Command


class AsAnna(grpc.aio.ServerInterceptor):
    """The door that tokens are checked at, for one who has passed it."""

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        set_caller(
            Caller(
                subject="anna",
                client="meterpark-cli",
                username="anna",
                roles=frozenset({"asset-manager"}),
                scope=Scope.of(["north"]),
                expires_at=datetime.now(UTC) + timedelta(hours=1),
            )
        )
        return await continuation(handler_call_details)


@pytest.fixture
async def park(mongod_url: str) -> AsyncIterator[Importing]:
    async with importing(mongod_url) as made:
        yield made


@pytest.fixture
async def meterpark(park: Importing, tmp_path: Path) -> AsyncIterator[Command]:
    imports = open_imports(
        park.smoc.client,
        park.smoc.database.name,
        park.hub,
        now=lambda: datetime.now(UTC),
        worker="one",
    )

    def add(server: grpc.aio.Server) -> list[str]:
        door = ImportDoor(imports.store, lambda: datetime.now(UTC))
        add_ImportServiceServicer_to_server(door, server)
        return []

    async with serving(0, add, translate, interceptors=[AsAnna()]) as port:
        yield Command.asking(port, tmp_path)


def written(folder: Path, content: str, name: str = "meters.csv") -> str:
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return str(file)


async def test_a_file_is_checked_then_imported_and_what_was_refused_is_told(
    meterpark: Command, park: Importing, tmp_path: Path
) -> None:
    file = written(tmp_path, meters(3) + ",E450,north,\n")
    async with park.working():
        checked = await meterpark("import", "check", file)
        assert checked.code == 1
        assert "5  -       REFUSED  serial: is empty" in checked.text
        assert "checked, 4 rows: 3 ready, 1 refused" in checked.text
        assert "nothing is imported yet" in checked.complaint
        assert await park.hub.imported() == 0
        done = await meterpark("import", "run", file, "--yes")
        assert done.code == 1
        assert "done, 4 rows: 3 imported, 1 refused" in done.text
        assert await park.hub.imported() == 3
        listed = (await meterpark("import", "list", "--json")).document
        assert [one["state"] for one in listed["imports"]] == ["DONE"], "one file, one import"
        rows = await meterpark(
            *("import", "rows", listed["imports"][0]["import_id"], "--verdict", "refused", "--json")
        )
        assert [row["line"] for row in rows.document["rows"]] == [5]


async def test_a_good_file_ends_fine_and_a_second_time_it_says_so(
    meterpark: Command, park: Importing, tmp_path: Path
) -> None:
    file = written(tmp_path, meters(700))
    async with park.working():
        done = await meterpark("import", "run", file, "--yes", "--json")
        assert (done.code, done.document["imported_count"]) == (0, 700)
        twice = await meterpark("import", "run", file, "--yes")
        assert twice.code == 1
        assert "was imported before" in twice.complaint
        assert "--again" in twice.complaint
        again = await meterpark("import", "run", file, "--yes", "--again", "--json")
        assert (again.code, again.document["unchanged_count"]) == (0, 700)


async def test_a_run_that_was_left_goes_on_with_the_same_command(
    meterpark: Command, park: Importing, tmp_path: Path
) -> None:
    file = written(tmp_path, meters(50))
    # Nobody works on it yet: the command waits for the check.
    waiting = await meterpark.start("import", "run", file, "--yes")
    while not await park.smoc.database["imports"].count_documents({"state": "CHECKING"}):
        pass
    assert (await waiting.end(signal.SIGINT)).code == 130
    async with park.working():
        done = await meterpark("import", "run", file, "--yes", "--json")
    assert (done.code, done.document["imported_count"]) == (0, 50)
    assert await park.smoc.database["imports"].count_documents({}) == 1


async def test_an_import_is_cancelled_and_the_file_can_be_imported_anew(
    meterpark: Command, park: Importing, tmp_path: Path
) -> None:
    file = written(tmp_path, meters(5))
    async with park.working():
        checked = (await meterpark("import", "check", file, "--json")).document
        refused = await meterpark("import", "pause", checked["import_id"])
        assert (refused.code, "IMPORT_STATE_REFUSED" in refused.complaint) == (1, True)
        cancelled = await meterpark("import", "cancel", checked["import_id"], "--json")
        assert cancelled.document["skipped_count"] == 5
        assert (await meterpark("import", "run", file, "--yes")).code == 0


async def test_a_file_that_cannot_be_read_is_told_where(
    meterpark: Command, park: Importing, tmp_path: Path
) -> None:
    file = written(tmp_path, "serial,model,network,colour\nLGZ1,E450,north,red\n")
    async with park.working():
        ended = await meterpark("import", "run", file, "--yes")
    assert ended.code == 1
    assert "line 1: column 'colour' is not known" in ended.text


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("run", "none.csv", "--yes"), "none.csv: No such file"),
        (("run", "empty.csv", "--yes"), "empty.csv: is empty"),
        (("run", "empty.csv"), "--yes"),
        (("check", "."), ".: Is a directory"),
    ],
)
async def test_what_is_no_file_is_wrong_usage(
    meterpark: Command, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    written(tmp_path, "", "empty.csv")
    word, name, *options = arguments
    ended = await meterpark("import", word, str(tmp_path / name), *options)
    assert ended.code == 2
    assert complaint.lstrip(".") in ended.complaint
