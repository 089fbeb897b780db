"""What is measured of the way of a report: the hub's door, the whole chain, the delay of one message.

Comes in: a running stack, a feed, sizes.
Goes out: rates, delays and processor time of each round.
Must never be done here: start a stack; print; call a service in a way that no service or person calls it.
"""
