"""``meterpark login``, ``logout``, ``whoami``, ``token``: the identity of this command.

Comes in: the environment, a login in a browser or of a service. Goes out: tokens, and a file that only its owner reads.
Must never be done here: printing a secret without a request; two refreshers of one session.
"""
