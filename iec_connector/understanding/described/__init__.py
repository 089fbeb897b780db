"""What a configuration says about a device beside its identity, model and facets: place, ratings, addresses, seals.

In comes the element of a meter with the functions that belong to it; out go texts for ``Configuration``. An unreadable
value affects nothing else: it is returned as ``Unreadable`` beside the rest. Never here: a secret (``password``).
"""
