"""Alarms as the schema shows them, and what people do with them.

Comes in: alarms of the contract, changes of clients. Goes out: types of the schema; each refusal of a change as a type.
Must never be done here: deciding who may change an alarm (the register does).
"""
