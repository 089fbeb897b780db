"""Where devices are, on the square map of the world (Web Mercator) that computers draw.

Comes in: latitudes and longitudes in degrees; boxes; which devices are wanted.
Goes out: how many devices lie in which cell of a box, and where the middle of an area is.
Must never be done here: draw; know a device by more than its ordinal.
"""
