"""What comes in from the head-end systems, as the schema shows it: feeds, quarantine, replays, trial readings.

Comes in: messages and counts of device_hub. Goes out: types of the schema, requests; each refusal as a type.
Must never be done here: reading a message as XML (the connector does); deciding whose message it is.
"""
