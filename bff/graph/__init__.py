"""The schema and what answers it, a folder for each noun.

Comes in: operations with the token of their caller (`transport`), weighed before they run (`limits`).
Goes out: calls to smoc_service (`asking`), answers, refusals.
Types are plain values made from smoc_service's answers, so that a field of a page of devices costs an attribute and
nothing else.
Must never be done here: a call per row where one for all rows will do; an error that tells of our insides.
"""
