"""One message, from its body to what became of it; a large one in a process of its own.

Comes in: a body and its source. Goes out: reports to `forwarding`, and a result: what was taken, what was refused, why.
Must never be done here: settling a message; a large message that holds up the small ones behind it.
"""
