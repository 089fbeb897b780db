"""Announcements: a configuration or a linkage whose effective date lies ahead.

In:  a `Device` with its plans, and a statement that takes effect later, calls a plan off, or the time that it is now.
Out: events: `ChangePlanned`, `PlanWithdrawn`, `PlanCarriedOut` and what follows from that.

A plan that is carried out late makes of the device what it would have made in time: its words count from the effective
date on, and every command first carries out what is due by then (docs/decisions/0035-plans.md).

Must never be done here: ask a clock whether a plan is due; let more plans stand than the contract allows.
"""
