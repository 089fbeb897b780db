"""Long work, and what jobs and imports have in common: which process holds it, and how it survives crashes.

Comes in: jobs and imports as their own folders define them, and the name of the process that works on them.
Goes out: versions that are stored only if nothing changed meanwhile, leases, pages, and rounds that continue after
trouble.
Must never be done here: know what a job or an import does, overwrite a concurrent change.

A lease keeps two processes from doing the same for nothing. A process has a name that survives its restart, so it takes
its own work up again at once; and a session that does not, so the one that had the name before is told from it and
loses its hold. That nothing is done twice rests on versions alone.
"""
