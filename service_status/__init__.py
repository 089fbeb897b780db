"""What a service knows about its own progress: per hop, what waits and since when, what was done last, what blocks it.

Comes in: what the parts of a service note while they work (one hop each), and denials that `bearer_tokens` meets.
Goes out: facts, as ``StatusService.GetStatus`` returns them, and one word of the health service about all of them
(`health`). All of it is in memory and bounded. `standstill` holds the rule for a standstill; readers of the facts may
apply it with a patience of their own.
Must never be done here: ending a process; knowing a word of the domain.
"""
