"""``meterpark park``, ``rollout`` and ``quality``: the park in numbers, now and day by day.

Comes in: words. Goes out: questions to both services; a page, once or live, tables, or documents.
Must never be done here: counting devices one by one; a page that ends because a service restarts.
"""
