"""The past: a device's timeline, a device as it was known at a time, and the park day by day.

Comes in: requests about a device, a time or days.
Goes out: pages of timelines made of several strands, devices as they were known, counts for each day.
Must never be done here: change what is stored about a device, move or copy entries, search a timeline without a limit.
"""
