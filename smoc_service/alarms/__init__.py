"""Alarms: raised by rules from what the register holds, and worked on by people.

Comes in: changed devices and the times that come (the follower), questions and commands of callers.
Goes out: documents of the collection alarms, pages, counts.
Must never be done here: decide outside of ``core``, change a device, show a caller an alarm outside of its networks.
"""
