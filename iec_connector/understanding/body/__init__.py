"""From the body of a message, as the broker delivers it, to an XML tree, without trusting it.

In come bytes or text, compressed or not; out goes a tree whose size, depth and text are within the source's limits.
Never here: what an element means; a document type, an entity, a file.
"""
