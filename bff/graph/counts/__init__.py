"""The park in numbers: how many devices are how, now and day by day.

Comes in: counts of the contract. Goes out: types of the schema.
Must never be done here: counting devices one by one.
"""
