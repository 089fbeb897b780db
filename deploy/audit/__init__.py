"""What this system is made of, and whether we may and should use it: `make audit`.

In: the committed lock files and tree, the installed Python packages, the programs of the runtime. Out: a software
bill of materials (`dist/meterpark.cdx.json`), a line per check, and exit code 1 when something was found. Never: a
check that could not be made and is called passed; a change of a file that is committed.

What is allowed, and why, stands in `allowed.toml` beside this file.
"""
