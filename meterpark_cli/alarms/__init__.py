"""``meterpark alarms ...``: lists alarms and changes them.

Comes in: words and options. Goes out: requests to smoc-service; tables, or documents.
Must never be done here: deciding whether an alarm may be changed (the register does); importing gRPC for ``--help``.
"""
