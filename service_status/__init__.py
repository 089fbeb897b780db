"""What a service knows of its own progress: per hop what waits, since when, what was done last, what is in the way.

Comes in: what the parts of a service note while they work (a hop each), and denials that `bearer_tokens` meets.
Goes out: facts, as ``StatusService.GetStatus`` answers them, and one word of the health service about all of them
(`health`). All of it is in memory and bounded. The rule that says what a standstill is stands in `standstill`; whoever
reads the facts may apply it with a patience of his own.
Must never be done here: ending a process, knowing a domain word.
"""
