"""The `meterpark` command: shows the park, devices, the quarantine, and whether everything works.

Comes in: words of the command line, and the services' answers through the command's own sidecar.
Goes out: tables and pages for people, or one JSON document for programs; exit codes 0 (fine), 1 (the answer
is no), 2 (wrong usage), 3 (a service cannot be reached).
Must never be done here: importing a service, reading a database, deciding anything about a device, or letting
a byte that a meter sent reach the terminal unescaped.
"""
