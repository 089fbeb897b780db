"""All devices of a filter, one after the other, as texts: what a person takes along in a table.

Comes in: conditions within the caller's networks, names of columns, the device after which to go on.
Goes out: pieces of a bounded size, read when the one before was taken; how many devices there are to tell.
Must never be done here: hold a park in memory; show what the conditions do not find; know what a table looks like.
"""
