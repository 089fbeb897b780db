"""``meterpark alarms ...``: what needs a person, and what people do about it.

Comes in: words and options. Goes out: questions and changes to smoc-service; tables, or documents.
Must never be done here: deciding whether an alarm may be changed (the register does); importing gRPC for ``--help``.
"""
