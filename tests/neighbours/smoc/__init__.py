"""The register in this process on a real MongoDB: its doors, its alarms, its jobs and its imports, for tests.

In: the address of a MongoDB. Out: a register that serves, with a clock in the test's hand.
Never: a substitute for a part of the register or of its database.
"""
