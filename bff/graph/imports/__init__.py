"""Imports of shipment files as the schema shows them, and the steps of an import.

Comes in: imports of the contract, parts of files as base64. Goes out: types of the schema, requests; each refusal as a
type.
Must never be done here: reading the content of a file (the register does); keeping a part of it.
"""
