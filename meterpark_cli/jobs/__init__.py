"""``meterpark jobs ...``: one action for many devices, ordered, watched and stopped.

Comes in: words and conditions. Goes out: questions and orders to smoc-service; progress, tables, or documents.
Must never be done here: working on devices one by one; importing gRPC for ``--help``.
"""
