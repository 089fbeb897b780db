"""The parts of this system, with their licences and known faults: `make audit`.

In: the committed lock files and tree, the installed Python packages, the programs of the runtime. Out: a software
bill of materials (`dist/meterpark.cdx.json`), a line per check, and exit code 1 when something was found. Never: a
check that passes without being made; a change of a committed file.

What is allowed, and why, stands in `allowed.toml` beside this file.
"""
