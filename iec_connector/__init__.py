"""The connector: from a head-end system's messages on a JMS broker to reports at the device hub.

Comes in: JMS messages of the configured sources; a configuration file; requests to read quarantined messages again.
Goes out: batches of reports to DeviceHubService.RecordReports, messages for its quarantine, ResponseMessages to
head-end systems that want an acknowledgement.

Never here: keeping state of its own; settling a message before each of its reports has a final verdict and, where
something could not be taken, the quarantine holds it; calling any app but the hub; a secret in a log line.
"""
