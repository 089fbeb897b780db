"""The grammar of destinations and addresses."""

import pytest

from jms_transport import Address, Destination, DestinationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("queue://IEC20_PUSH", Destination(kind="queue", name="IEC20_PUSH")),
        (
            "queue://Consumer.park.VirtualTopic.METERS",
            Destination(kind="queue", name="Consumer.park.VirtualTopic.METERS"),
        ),
        ("topic://T?durable=park", Destination(kind="topic", name="T", durable="park")),
        ("topic://T?shared=park", Destination(kind="topic", name="T", shared="park")),
        ("topic://T?lossy=true", Destination(kind="topic", name="T", lossy=True)),
    ],
)
def test_what_can_be_subscribed_to(text: str, expected: Destination) -> None:
    assert Destination.to_subscribe(text) == expected
    assert expected.address == text.partition("?")[0]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("IEC20_PUSH", "is not a destination"),
        ("jms://X", "is not a destination"),
        ("queue://", "has no name"),
        ("queue://two words", "blanks"),
        ("queue://X?durable=a", "a queue takes no options"),
        ("topic://X?durable=", "durable needs the name"),
        ("topic://X?lossy=yes", "lossy can only be true"),
        ("topic://X?durable=a&lossy=true", "only one of"),
        ("topic://X?durable=a&durable=b", "each given once"),
        ("topic://X?selector=a", "unknown option 'selector'"),
        ("topic://X", "would lose every message while no consumer listens"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(DestinationError) as wrong:
        Destination.to_subscribe(text)
    assert complaint in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_topic_to_send_to_needs_no_subscription() -> None:
    assert Destination.parse("topic://X") == Destination(kind="topic", name="X")


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("amqp://b", 5672),
        ("amqps://b", 5671),
        ("tcp://b", 61616),
        ("ssl://b", 61617),
        ("amqp://[::1]:61616", 61616),
    ],
)
def test_an_address_without_port_means_the_usual_one(url: str, port: int) -> None:
    assert Address.parse(url).port == port


@pytest.mark.parametrize(
    "url", ["b:61616", "http://b", "amqp://", "amqp://b:port", "amqp://b/x", "tcp://b?x=1"]
)
def test_what_is_no_address_is_refused_with_what_would_be_one(url: str) -> None:
    with pytest.raises(ValueError, match="write amqp://HOST:PORT"):
        Address.parse(url)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="must not carry") as wrong:
        Address.parse("amqp://hes:hunter2@b")
    assert "hunter2" not in str(wrong.value)
