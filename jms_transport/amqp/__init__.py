"""AMQP 1.0 by Qpid Proton, on one event loop.

Comes in: destinations, messages to send. Goes out: messages, or why one is illegible; errors of the port.
Must never be done here: an exception that ends the engine because of a message's content; a thread.
"""
