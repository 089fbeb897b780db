"""From options and the local stack's own description to addresses."""

import json
from pathlib import Path

import pytest

from meterpark_cli.failures import Unreachable, WrongUsage
from meterpark_cli.options import HostPort
from meterpark_cli.stack.broker_access import find_broker
from meterpark_cli.stack.local_stack import Sidecar, find_sidecar, stack_file


def written(state: Path, stack: str = "default") -> dict[str, str]:
    """Write what the local stack writes; return the environment that finds it."""
    folder = state / "meterpark" / stack
    folder.mkdir(parents=True)
    description = {
        "stack": stack,
        "sidecars": {"meterpark-cli": {"http": 3500, "grpc": 50010, "internal": 50011}},
        "broker": {
            "url_amqp": "amqp://127.0.0.1:61616",
            "user_hes": "hes",
            "password_file_hes": str(folder / "hes"),
        },
        "ports": {},
    }
    (folder / "stack.json").write_text(json.dumps(description))
    return {"XDG_STATE_HOME": str(state), "METERPARK_STACK": stack}


def test_what_was_said_comes_before_the_local_stack(tmp_path: Path) -> None:
    found = find_sidecar("sidecar.example:50001", written(tmp_path))
    assert found == Sidecar(address=HostPort(host="sidecar.example", port=50001))


def test_the_local_stack_says_where_its_sidecar_is(tmp_path: Path) -> None:
    found = find_sidecar(None, written(tmp_path, "second"))
    assert str(found.address) == "127.0.0.1:50010"


def test_without_a_stack_the_person_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        Unreachable, match=r"no local stack is running\. Start it \(make up\), or give --sidecar"
    ):
        find_sidecar(None, {"XDG_STATE_HOME": str(tmp_path)})


def test_a_broken_description_is_named(tmp_path: Path) -> None:
    environment = written(tmp_path)
    stack_file(environment).write_text('{"stack": "default"}')
    with pytest.raises(WrongUsage, match=r"stack\.json does not describe a stack: sidecars"):
        find_sidecar(None, environment)


@pytest.mark.parametrize(
    "text", ["localhost", "localhost:", ":1", "localhost:0", "localhost:99999"]
)
def test_an_address_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="is not HOST:PORT"):
        find_sidecar(text, {"XDG_STATE_HOME": str(tmp_path)})


def test_the_broker_of_the_stack_is_found_with_its_user(tmp_path: Path) -> None:
    access = find_broker(written(tmp_path))
    assert access is not None
    assert (access.url, access.user) == ("amqp://127.0.0.1:61616", "hes")
    assert access.password_file == tmp_path / "meterpark" / "default" / "hes"


def test_a_broker_of_the_environment_never_gets_the_stacks_password(tmp_path: Path) -> None:
    environment = written(tmp_path) | {"METERPARK_BROKER_URL": "amqp://broker.example:5672"}
    access = find_broker(environment)
    assert access is not None
    assert (access.url, access.user, access.password_file) == (
        "amqp://broker.example:5672",
        "",
        None,
    )
