"""Who is refused, and what one line says about it, on every way to a broker."""

from pathlib import Path

import pytest

from jms_transport import (
    Destination,
    OutgoingMessage,
    TlsFiles,
    TransportLost,
    TransportRefused,
    connect,
)
from tests.neighbours.ways import Way, receive, ways


async def test_a_wrong_password_is_a_refusal_in_one_line(way: Way) -> None:
    with pytest.raises(TransportRefused) as refused:
        await way.dial("connector", password=way.broker.password("hes"))
    assert str(way.broker.port) in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_reading_without_permission_is_a_refusal_that_names_the_queue(
    way: Way, queue: Destination
) -> None:
    connection = await way.dial("hes")
    with pytest.raises(TransportRefused, match=queue.name):
        await connection.subscribe(queue, credit=1)
    await connection.close()


@pytest.mark.parametrize("way", ways("classic-amqp", "classic-openwire"), indirect=True)
async def test_a_broker_that_is_not_there_is_a_loss(way: Way) -> None:
    scheme = way.url().partition(":")[0]
    with pytest.raises(TransportLost, match=r"refused|cannot be reached"):
        await connect(f"{scheme}://127.0.0.1:1", client_jars=way.broker.jars)


async def test_tls_takes_the_client_s_certificate(way: Way, queue: Destination) -> None:
    connection = await way.dial(tls=way.trusted)
    subscription = await connection.subscribe(queue, credit=1)
    await connection.send(queue, OutgoingMessage(body="over TLS"))
    delivery = await receive(subscription)
    assert delivery.message.body == "over TLS"
    await delivery.accept()
    await connection.close()


async def test_tls_without_the_client_s_certificate_does_not_connect(way: Way) -> None:
    # Classic closes the socket without a word, Artemis says why.
    with pytest.raises((TransportLost, TransportRefused), match="certificate"):
        await way.dial(tls=TlsFiles(ca_file=way.broker.ca_file))


async def test_tls_with_an_authority_that_is_not_trusted_is_refused(way: Way) -> None:
    # The Java client says either what it thinks of the certificate, or that it has hung up.
    with pytest.raises((TransportLost, TransportRefused), match="certif"):
        await way.dial(tls=TlsFiles())


async def test_a_certificate_file_that_is_missing_is_named(way: Way, tmp_path: Path) -> None:
    with pytest.raises(TransportRefused, match=r"nowhere\.pem"):
        await way.dial(tls=TlsFiles(ca_file=tmp_path / "nowhere.pem"))


async def test_a_message_over_the_limit_is_refused_before_it_is_sent(
    way: Way, queue: Destination
) -> None:
    connection = await way.dial(max_message_bytes=1000)
    with pytest.raises(TransportRefused, match="limit is 1000"):
        await connection.send(queue, OutgoingMessage(body="x" * 1001))
    await connection.close()
