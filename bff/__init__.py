"""The park for the asset manager's page: GraphQL (a federation 2 subgraph) in front of smoc_service.

Comes in: GraphQL over HTTP, server-sent events and websockets, each operation with its caller's token.
Goes out: calls to smoc_service through the own sidecar, with that very token.
Must never be done here: deciding who may see or do what (the router and smoc_service do; here are hints);
keeping an answer for another caller; a call with a right of its own.
"""
