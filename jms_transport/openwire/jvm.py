"""The Java virtual machine for the OpenWire transport, started once and only when needed."""

import os
import threading
from pathlib import Path
from typing import Any

from jms_transport.port import TransportRefused

_JARS_VARIABLE = "ACTIVEMQ_CLIENT_JARS"


def start_jvm(client_jars: Path | None) -> Any:
    """Start the JVM with the ActiveMQ client in it, or use the one that runs; returns the ``jpype`` module.

    ``client_jars`` is the directory of activemq-client and its dependencies; default: env ACTIVEMQ_CLIENT_JARS.
    Raises TransportRefused with one line that says what is missing.
    """
    try:
        import jpype.config  # noqa: PLC0415  # an optional extra: AMQP must work without it
    except ImportError as error:
        raise TransportRefused(
            "OpenWire needs the extra 'openwire' (JPype1): install meterpark[openwire]"
        ) from error
    if jpype.isJVMStarted():
        return jpype
    directory = client_jars or (
        Path(os.environ[_JARS_VARIABLE]) if os.environ.get(_JARS_VARIABLE) else None
    )
    if directory is None:
        raise TransportRefused(
            f"OpenWire needs the ActiveMQ client: set {_JARS_VARIABLE} to the directory of its jars"
        )
    jars = sorted(str(jar) for jar in directory.glob("*.jar"))
    if not any("activemq-client" in jar or "activemq-all" in jar for jar in jars):
        raise TransportRefused(
            f"OpenWire needs the ActiveMQ client: no activemq-client*.jar in {directory}"
        )
    try:
        # -Xrs: signals stay with Python, which stops in good order on TERM.
        jpype.startJVM("-Xrs", "-Xmx512m", "-Djava.awt.headless=true", classpath=jars)
    except (jpype.JVMNotFoundException, OSError, RuntimeError) as error:
        raise TransportRefused(
            f"OpenWire needs a Java runtime (17 or newer): {_line(error)}"
        ) from error
    if threading.current_thread() is not threading.main_thread():
        # The thread that starts the JVM counts as its main thread for ever, also when it is gone: the process would
        # never end. Detached, it comes back as a daemon with its next call.
        jpype.java.lang.Thread.detach()
    return jpype


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
