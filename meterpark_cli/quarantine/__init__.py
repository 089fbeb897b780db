"""``meterpark quarantine ...``: messages that could not be read, why, and reading them again.

Comes in: words. Goes out: questions and wishes to the hub; tables, or documents.
Must never be done here: showing a byte of a message unescaped; reading a message (the connector does).
"""
