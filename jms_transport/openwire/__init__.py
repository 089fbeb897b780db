"""OpenWire by ActiveMQ's own Java client, in a JVM within this process.

Comes in: destinations, messages to send. Goes out: messages, or why one is illegible; errors of the port.
Must never be done here: importing Java's bridge where nobody asked for OpenWire; a thread that dies unseen.
"""
