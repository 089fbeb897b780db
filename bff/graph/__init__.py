"""The schema and its resolvers, one folder for each noun.

Comes in: operations with the token of their caller (`transport`), weighed before they run (`limits`).
Goes out: calls to smoc_service and device_hub (`asking`), answers, refusals.
Types are plain values made from the services' answers, so that a field of a page of devices costs an attribute and
nothing else.
Must never be done here: a call per row where one call serves all rows; an error that shows internals.
"""
