"""The schema and what answers it.

Comes in: operations with the token of their caller. Goes out: calls to smoc_service (`register`), answers, refusals.
Types are plain values made from smoc_service's answers, so that a field of a page of devices costs an attribute and
nothing else.
Must never be done here: a call per row where one for all rows will do; an error that tells of our insides.
"""
