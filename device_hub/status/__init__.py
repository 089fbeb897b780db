"""The hub's status: each hop, what waits in it and since when; and what the connectors say of theirs.

Comes in: progress and trouble that the hub's parts note; calls of connectors, which serve nothing that could be asked.
Goes out: the answers of StatusService.
Must never be done here: store anything; fail because a neighbour does; wait longer for it than a caller would.
"""
