"""The device hub as the connector sees it: the only place that knows its contract.

Comes in: reports, quarantined messages, progress. Goes out: calls through the own sidecar; verdicts in our words, and
whose fault an error is.
Must never be done here: deciding what happens with a report that the hub refuses.
"""
