"""The technical frame that every service shares.

Comes in: settings from the environment, gRPC calls from the own sidecar.
Goes out: gRPC servers with health, whose methods know their caller; calls to other apps through the own sidecar;
errors that programs can read, one JSON log line per action and per denied call. The one way to run a service's parts
(`tasks`), to wait and try again (`retries`), to call an app that is being replaced (`finding`), to read page tokens
(`pages`), the words of enums (`words`), conditions of lists (`conditions`) and times (`times`).
Must never be done here: anything that knows a meter, a device or a report; checking or fetching a token
(`bearer_tokens` does); importing a service; keeping state.
"""
