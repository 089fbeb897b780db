"""The past: a device's timeline, a device as it was known at a time, and the park day by day.

Comes in: questions about a device, a time or days.
Goes out: pages of timelines made of several strands, devices as they were known, counts for each day.
Must never be done here: change what was stored of a device, move or copy entries, look through a timeline without end.
"""
