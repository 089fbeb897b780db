"""Copies of a park: journal and register as files, and back into an empty database.

Comes in: MongoDB with the hub's and the register's database; MongoDB's own tools, mongodump and mongorestore.
Goes out: a folder for each backup, with what both databases held at one point of the database's time, sums of all files
and a manifest; a database in which the services go on; for the services, ``half_restored``.

A backup has its name only when it is whole. A database into which a restore has not come to its end is marked, and no
service starts on it.

Must never be done here: knowing what a document means; leaving out what people made; a password on a command line.
"""
