"""What the park must look like after what was said.

Comes in: contents of messages.
Goes out: facts, the claims they make, and the newest claim per device and facet.
Must never be done here: share rules with the hub. Two separate copies of the rules find each other's mistakes.
"""
