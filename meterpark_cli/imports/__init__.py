"""``meterpark import ...``: a shipment file on its way from the disk into the park.

Comes in: words, files. Goes out: parts of files and wishes to smoc-service; progress, tables, or documents.
Must never be done here: judging a row (the register does); importing gRPC for ``--help``.
"""
