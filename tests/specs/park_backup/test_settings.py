"""The password goes into the URL that a tool gets, and nowhere else."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from park_backup.settings import BackupSettings

OWN, QUOTED = "own", "p%40s%2Fs"


def settings(tmp_path: Path, url: str, password: str = "") -> BackupSettings:
    said: dict[str, object] = {"folder": tmp_path, "mongodb_url": url}
    if password:
        (tmp_path / "password").write_text(password)
        said["mongodb_password_file"] = tmp_path / "password"
    return BackupSettings.model_validate(said)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("mongodb://backup@a:1,b:2/?tls=true", f"mongodb://backup:{QUOTED}@a:1,b:2/?tls=true"),
        (f"mongodb://backup:{OWN}@a/", f"mongodb://backup:{OWN}@a/"),
    ],
)
def test_a_url_gets_the_password_of_the_file(tmp_path: Path, url: str, whole: str) -> None:
    made = settings(tmp_path, url, "p@s/s\n")
    assert made.whole_url == whole
    assert "p@s" not in repr(made)
    assert QUOTED not in repr(made)


def test_a_url_without_a_file_stays_as_it_is(tmp_path: Path) -> None:
    assert settings(tmp_path, "mongodb://a/").whole_url == "mongodb://a/"


@pytest.mark.parametrize(
    "wrong", [{"mongodb_url": "http://a/"}, {"hub_database": "a.b"}, {"keep": -1}]
)
def test_a_wrong_setting_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    good = {"folder": tmp_path, "mongodb_url": "mongodb://a/"}
    with pytest.raises(ValidationError):
        BackupSettings.model_validate({**good, **wrong})
