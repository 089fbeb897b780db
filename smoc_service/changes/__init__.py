"""Streams of changes, for all watchers.

Comes in: change streams of the database, one for each collection, and the positions of watchers that resume.
Goes out: changes in order, each with the position from which its watcher can resume.
Must never be done here: queue anything for a watcher, open a stream of the database for each of them.
"""
