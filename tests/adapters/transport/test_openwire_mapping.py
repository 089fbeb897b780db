"""Whatever a Java message is, it becomes a message, or says why it is illegible."""

import os
import zlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deploy.runtime.paths import installed_activemq
from jms_transport import Destination
from jms_transport.openwire.jvm import start_jvm
from jms_transport.openwire.mapping import incoming

pytestmark = pytest.mark.openwire

QUEUE = Destination.parse("queue://IEC20_PUSH")
LIMIT = 10_000


@pytest.fixture(scope="session")
def jpype() -> Any:
    return start_jvm(installed_activemq(os.environ))


def java_text(jpype: Any, units: list[int]) -> Any:
    """Return a Java string of any UTF-16 code units, pairs or halves."""
    signs = jpype.JArray(jpype.JChar)(len(units))
    for index, unit in enumerate(units):
        signs[index] = chr(unit)
    return jpype.JClass("java.lang.String")(signs)


def read_and_check(jpype: Any, message: Any) -> Any:
    found = incoming(jpype, message, QUEUE, LIMIT)
    around = [found.message_id, found.correlation_id, found.reply_to]
    around += [str(part) for pair in found.properties.items() for part in pair]
    for text in around:
        assert text.encode() is not None
    if found.illegible is not None:
        assert found.illegible.reason
        assert found.illegible.detail.encode()
        assert isinstance(found.body, bytes)
    return found


UNITS = st.lists(st.integers(0, 0xFFFF) | st.sampled_from([0x41, 0xD800, 0xDFFF, 0]), max_size=12)


@given(
    body=UNITS, around=UNITS, time=st.integers(-(2**63), 2**63 - 1), count=st.integers(0, 2**31 - 1)
)
@example(body=[0x61, 0xD800, 0x62], around=[0xDC00], time=2**62, count=0)
@settings(max_examples=200)
def test_any_text_around_any_text_is_read(
    jpype: Any, body: list[int], around: list[int], time: int, count: int
) -> None:
    message = jpype.JClass("org.apache.activemq.command.ActiveMQTextMessage")()
    message.setText(java_text(jpype, body))
    message.setJMSCorrelationID(java_text(jpype, around))
    message.setProperty("noun", java_text(jpype, around))
    message.setJMSTimestamp(time)
    message.setRedeliveryCounter(count)
    found = read_and_check(jpype, message)
    assert found.illegible is None
    units = b"".join(unit.to_bytes(2, "little") for unit in body)
    assert found.body == units.decode("utf-16-le", "surrogatepass")
    assert found.delivery_count == count + 1


KINDS = ["Text", "Bytes", "Map", "Stream", "Object"]


@given(kind=st.sampled_from(KINDS), content=st.binary(max_size=60), compressed=st.booleans())
@example(kind="Text", content=b"this is no zlib stream", compressed=True)
@example(kind="Bytes", content=b"\x7f\xff\xff\xff" + zlib.compress(b"x"), compressed=True)
@example(kind="Bytes", content=b"\x00", compressed=True)
@example(kind="Text", content=b"\x00\x00\x00\x02\xc3\x28", compressed=False)
@example(kind="Text", content=b"\xff\xff\xff\xff", compressed=False)
@example(kind="Map", content=b"\x00\x00\x00\x01\x00\x01k\x7f", compressed=False)
@settings(max_examples=400)
def test_a_body_of_any_bytes_is_read_or_illegible(
    jpype: Any,
    kind: str,
    content: bytes,
    compressed: bool,  # noqa: FBT001 - a law has no keywords
) -> None:
    message = jpype.JClass(f"org.apache.activemq.command.ActiveMQ{kind}Message")()
    junk = jpype.JArray(jpype.JByte)(content)
    message.setContent(jpype.JClass("org.apache.activemq.util.ByteSequence")(junk))
    message.setCompressed(compressed)
    message.setReadOnlyBody(True)
    read_and_check(jpype, message)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_is_not_inflated(jpype: Any, kind: str) -> None:
    message = jpype.JClass(f"org.apache.activemq.command.ActiveMQ{kind}Message")()
    packed = zlib.compress(b"x" * 50 * LIMIT)
    content = (b"\x00\x00\x00\x01" if kind == "Bytes" else b"") + packed
    junk = jpype.JArray(jpype.JByte)(content)
    message.setContent(jpype.JClass("org.apache.activemq.util.ByteSequence")(junk))
    message.setCompressed(True)
    found = read_and_check(jpype, message)
    assert found.illegible is not None
    assert found.illegible.reason == "CONTENT_ENCODING"
    assert f"more than {LIMIT} bytes" in found.illegible.detail
    assert found.body == content
