"""What `make status` makes of a stack that it cannot ask."""

import pytest

from deploy.local.stack.standstills import NotLooked, standstills


def test_a_stack_of_another_version_is_not_called_well() -> None:
    with pytest.raises(NotLooked, match="started by another version"):
        standstills({"sidecars": {"meterpark-cli": {"grpc": 1}}}, {})


def test_a_sidecar_that_is_not_there_stands_still(tmp_path: object) -> None:
    nowhere = f"{tmp_path}/nothing"
    description = {
        "sidecars": {"meterpark-cli": {"grpc": 1, "api_token_file": "/dev/null"}},
        "broker": {
            "url_amqp": "amqp://127.0.0.1:1",
            "user_hes": "hes",
            "password_file_hes": "/dev/null",
        },
        "keycloak": {
            "issuer": "http://127.0.0.1:1/realms/meterpark",
            "client_secret_files": {"meterpark-script": "/dev/null"},
        },
    }
    [one], unknown = standstills(description, {"HOME": nowhere})
    assert one.hop == "sidecar"
    assert "127.0.0.1:1" in str(one)
    assert unknown == []
