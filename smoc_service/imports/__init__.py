"""Imports of shipment files: a file is checked row by row, and its rows travel to device_hub.

Comes in: files of callers, piece by piece, and the hub's verdicts.
Goes out: rows with their verdicts, reports for the hub, and how far each import is.
Must never be done here: decide what a shipment does to a device (the hub does), show an import to a caller who
does not see all of its networks.
"""
