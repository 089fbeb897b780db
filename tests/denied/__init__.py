"""The matrix of denied calls: every app x every method x every kind of token x path tricks x verbs.

In: a running stack, its real sidecars and its real Keycloak. Out: how many cases, which of them were answered otherwise
than `table.py` says. Never: an expected answer that is computed from what the product's own tables or policies say.

`table.py` is what a person reads and changes; `cases.py` multiplies it, `tokens.py` gets the tokens, `calls.py` makes
one call and names its answer, `locks.py` takes one lock away, `matrix.py` runs it all.
"""
