"""Real neighbours for tests: mongod, a broker, a whole stack, each on free ports, in a folder of its own.

In: the installed runtime (`make runtime`). Out: running processes with their addresses, and their
end in every case: they die with the test run, even if that is killed. Never: a substitute. A
neighbour that cannot start fails the tests that asked for it, with the end of its log.
"""
