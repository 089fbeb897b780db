"""What a configuration says of a device beside its identity, model and facets: place, ratings, addresses, seals.

In comes the element of a meter with the functions that belong to it; out go texts for ``Configuration``. What cannot be
read spoils only itself: it is told as ``Unreadable`` beside the rest. Never here: a secret (``password``).
"""
