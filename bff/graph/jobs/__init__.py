"""Jobs as the schema shows them: an action on many devices, and its progress.

Comes in: jobs of the contract, selections and actions of clients. Goes out: types of the schema, requests; each refusal
as a type.
Must never be done here: working on devices; deciding about rights (the register does).
"""
