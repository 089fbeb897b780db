"""The neighbours that other tests stand on are real, and keep what they promise."""

from typing import Any

import pytest
from proton import SSL, ConnectionException, Message, SSLDomain
from proton.utils import BlockingConnection
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from tests.neighbours.broker import Broker
from tests.neighbours.mongod import Mongod


def test_the_mongod_is_a_replica_set_with_transactions(mongod_url: str) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(mongod_url)
    with client.start_session() as session, session.start_transaction():
        client.neighbours.probe.insert_one({"serial": "MX-1"}, session=session)
    assert client.neighbours.probe.count_documents({"serial": "MX-1"}) == 1


def test_the_mongod_allows_fail_points(mongod_url: str) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(mongod_url)
    client.admin.command(
        {
            "configureFailPoint": "failCommand",
            "mode": {"times": 1},
            "data": {"failCommands": ["insert"], "errorCode": 8000},
        }
    )
    with pytest.raises(OperationFailure):
        client.neighbours.probe.insert_one({"serial": "MX-2"})


def test_what_was_written_with_majority_outlives_kill_9(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = Mongod.started(tmp_path_factory.mktemp("own-mongod"))
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(own.url, w="majority", journal=True)
        client.neighbours.journal.insert_one({"revision": 1})
        own.kill()
        own.start()
        assert client.neighbours.journal.count_documents({}) == 1
    finally:
        own.stop()


def _exchange(connection: BlockingConnection, queue: str) -> str:
    connection.create_sender(queue).send(Message(body="<EventMessage/>"))
    receiver = connection.create_receiver(queue)
    body = receiver.receive(timeout=10).body
    receiver.accept()
    return str(body)


def test_the_broker_speaks_amqp_to_a_known_user(broker: Broker) -> None:
    connection = BlockingConnection(
        broker.url_amqp, user="admin", password=broker.password("admin"), timeout=10
    )
    assert _exchange(connection, "neighbours.plain") == "<EventMessage/>"
    connection.close()


def test_the_broker_refuses_a_wrong_password(broker: Broker) -> None:
    with pytest.raises(ConnectionException):
        BlockingConnection(broker.url_amqp, user="hes", password="guess", timeout=10)  # noqa: S106


def test_the_tls_port_takes_a_client_with_certificate_and_no_other(broker: Broker) -> None:
    assert SSL.present()
    known, unknown = SSLDomain(SSLDomain.MODE_CLIENT), SSLDomain(SSLDomain.MODE_CLIENT)
    for domain in (known, unknown):
        domain.set_trusted_ca_db(str(broker.ca_file))
        domain.set_peer_authentication(SSLDomain.VERIFY_PEER_NAME)
    known.set_credentials(str(broker.client_certificate), str(broker.client_key), None)
    password = broker.password("admin")

    connection = BlockingConnection(
        broker.url_amqps, ssl_domain=known, user="admin", password=password, timeout=10
    )
    assert _exchange(connection, "neighbours.tls") == "<EventMessage/>"
    connection.close()

    with pytest.raises(ConnectionException):
        BlockingConnection(
            broker.url_amqps, ssl_domain=unknown, user="admin", password=password, timeout=10
        )
