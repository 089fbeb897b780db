"""Streams of what changes, for everybody who watches.

Comes in: change streams of the database, one for each collection, and the positions of those who come back.
Goes out: changes in order, each with the position from which its watcher can resume.
Must never be done here: queue anything for a watcher, open a stream of the database for each of them.
"""
