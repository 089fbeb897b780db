"""A head-end system that uses the JMS client of its broker, and may write what no other client would."""

from pathlib import Path
from typing import Any, Protocol

from jms_transport import Destination
from jms_transport.openwire.jvm import start_jvm


class JavaBroker(Protocol):
    """What the Java client needs of a broker."""

    @property
    def jars(self) -> Path: ...
    @property
    def url_openwire(self) -> str: ...
    def password(self, user: str) -> str: ...


class JavaProducer:
    """A head-end system that uses the JMS client of its broker."""

    def __init__(self, broker: JavaBroker, *, compressing: bool = False) -> None:
        self.jpype: Any = start_jvm(broker.jars)
        factory = self.jpype.JClass("org.apache.activemq.ActiveMQConnectionFactory")(
            broker.url_openwire
        )
        factory.setUseCompression(compressing)
        self.keep_timestamps = False
        self._connection = factory.createConnection("hes", broker.password("hes"))
        self._connection.start()
        self.session = self._connection.createSession(False, 1)  # noqa: FBT003 - Java has no names for arguments

    def send(self, queue: Destination, message: Any) -> str:
        """Send, and return the JMSMessageID."""
        producer = self.session.createProducer(self.session.createQueue(queue.name))
        producer.setDisableMessageTimestamp(self.keep_timestamps)
        producer.send(message)
        return str(message.getJMSMessageID())

    def close(self) -> None:
        self._connection.close()

    def half_a_pair(self) -> Any:
        """Return a Java string with half a surrogate pair in it."""
        signs = self.jpype.JArray(self.jpype.JChar)(3)
        signs[0], signs[1], signs[2] = "a", "\ud800", "b"
        return self.jpype.JClass("java.lang.String")(signs)
