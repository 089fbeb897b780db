"""The core of shipment imports: reading the file, a verdict for each row, and what an import goes through.

Comes in: the bytes of a file, piece by piece; the networks that its sender sees; what the hub said of rows; the time.
Goes out: rows with their verdicts, or why and where the file cannot be read; the import as it is then, or a refusal.
Must never be done here: read or write anything, ask what time it is, decide what a shipment does to a device.
"""
