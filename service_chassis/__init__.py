"""The technical frame that every service is bolted to.

Comes in: settings from the environment, gRPC calls from the own sidecar with the tokens of who asks.
Goes out: gRPC servers with health, whose methods know their caller; calls to other apps through the own sidecar, with
a token of the service's own; refusals that programs can read, one JSON log line per deed and per denied call.
Must never be done here: anything that knows a meter, a device or a report; importing a service; keeping state.
"""
