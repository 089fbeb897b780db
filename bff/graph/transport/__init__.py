"""The transports, and what happens around every operation: HTTP, server-sent events, websockets.

Comes in: messages of GraphQL over HTTP and graphql-transport-ws. Goes out: answers, codes that close, one log line per
operation.
Must never be done here: anything about devices, alarms or jobs; an error that shows internals.
"""
