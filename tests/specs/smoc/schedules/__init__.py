"""The register's write side under the scheduler of tests/specs/hub/schedules: who comes second must not win.

Must never be done here: waiting for real time; choosing by anything but ``Choices``.
"""
