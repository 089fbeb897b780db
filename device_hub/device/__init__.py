"""The device: what a report means for one meter. The pure core of the hub; README.md is its front page.

In:  a `Device` as it is remembered, and a `Command` (one head-end system report, or the hub's own silence sweep).
Out: the events that follow (`decisions.decide`), and the device after each of them (`evolution.evolve`);
     sentences for people (the event's `entry`), the derived facets (`lifecycle.lifecycle_of`, `power.power_of`).

Never here: a clock, I/O, logging, await, Dapr, MongoDB, protobuf, or anything beyond the standard library.
Time comes in through the command. Facts are hardly ever refused: see `refusal.Reason`.
"""
