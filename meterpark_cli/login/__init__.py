"""``meterpark login``, ``logout``, ``whoami``, ``token``: as whom this command asks.

Comes in: the environment, a login in a browser or of a service. Goes out: tokens, and a file that only its owner reads.
Must never be done here: printing a secret that nobody asked for; two refreshers of one session.
"""
