"""OpenWire by ActiveMQ's own Java client, in a JVM within this process.

Comes in: destinations, messages to send. Goes out: messages, or why one is illegible; errors of the port.
Must never be done here: importing Java's bridge when OpenWire is not used; a thread that dies unseen.
"""
