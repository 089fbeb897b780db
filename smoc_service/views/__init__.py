"""Saved views: a filter, an order and columns under a name.

Comes in: what an owner says of a view.
Goes out: documents of the collection views, and the views that a caller may see.
Must never be done here: answer the question that a view holds, change a view of another owner.
"""
