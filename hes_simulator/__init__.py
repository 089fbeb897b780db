"""A simulated head-end system that sends messages like a real one.

What comes in: the size and seed of a park, a pace, faults to make on demand, or a user's own files.
What goes out: IEC 61968-9 event messages as JMS messages on the broker, and a ledger of what was sent and of
what the park must therefore look like afterwards.

`park`, `messages`, `life`, `faults` and `expectation` are pure: seed and time are arguments, and the same
arguments give the same messages. `ledger`, `sending` and `commands` touch the world.

What must never be done here: importing a service, asking a service about a message, or recording in the ledger what
was not handed to the broker.
"""
