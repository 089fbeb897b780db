"""ResponseMessages for head-end systems that want an acknowledgement (IEC 61968-100).

Comes in: what became of a message. Goes out: a reply to the destination that the message names.
Must never be done here: holding up a message or its source; a reply before the message has its result.
"""
