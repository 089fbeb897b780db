"""``meterpark views ...`` and ``meterpark tags``: conditions that are kept under a name.

Comes in: words and conditions. Goes out: questions and changes to smoc-service; tables, or documents.
Must never be done here: keeping a view on this machine; importing gRPC for ``--help``.
"""
