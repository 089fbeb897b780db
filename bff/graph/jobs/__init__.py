"""Jobs as the schema shows them: what a person wants done with many devices, and how far it is.

Comes in: jobs of the contract, selections and actions of clients. Goes out: types of the schema, requests; each refusal
as a type.
Must never be done here: working on devices; deciding who may (the register does).
"""
