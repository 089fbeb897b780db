"""Devices as the schema shows them: their facts, their timeline, and the filter that finds them.

Comes in: devices and timelines of the contract, filters of clients. Goes out: types of the schema, requests.
Must never be done here: a call per device of a page, unless the field says so.
"""
