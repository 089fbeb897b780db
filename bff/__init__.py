"""The park for the asset manager's page: GraphQL (a federation 2 subgraph) before register and hub.

Comes in: GraphQL over HTTP, server-sent events and websockets, each operation with its caller's token.
Goes out: calls to smoc_service and device_hub through the own sidecar, with that very token.
Must never be done here: deciding who may see or do what (the router and both services do; here are hints);
keeping an answer for another caller; a call with a right of its own.
"""
