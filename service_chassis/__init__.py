"""The technical frame that every service is bolted to.

Comes in: settings from the environment, gRPC calls from the own sidecar.
Goes out: gRPC servers with health, calls to other apps through the own sidecar, refusals that programs
can read, one JSON log line per deed.
Must never be done here: anything that knows a meter, a device or a report; importing a service; keeping state.
"""
